import { boots } from "./deno_calls.ts";
import { type CrashState, kills, powerLosses, replay } from "./crash_states.ts";
import { DiskImage, fingerprint } from "./disk_image.ts";
import type { Operation } from "./operations.ts";
import { brokenPromise } from "./promises.ts";
import { type Call, type Fault, isChange, type Kind, type Plan, recorder } from "./recorder.ts";
import { Scene } from "./scene.ts";

/** What a call of each kind is answered with: what its manual page says, as far as a disk, a quota or a right may be the cause. */
const FAULTS: Readonly<Record<Kind, readonly Fault[]>> = {
  look: ["EIO", "EACCES", "EMFILE", "ESTALE"],
  create: ["ENOSPC", "EDQUOT", "EACCES", "EROFS", "EMFILE", "EIO", "EINTR"],
  write: ["ENOSPC", "EDQUOT", "EIO", "EINTR", "short"],
  truncate: ["EIO", "ENOSPC", "EPERM"],
  sync: ["EIO", "ENOSPC", "EDQUOT"],
  rename: ["ENOSPC", "EACCES", "EIO", "EROFS", "EDQUOT"],
  link: ["ENOSPC", "EACCES", "EIO", "EROFS", "EMLINK", "EPERM", "EDQUOT"],
  remove: ["EACCES", "EIO", "EROFS", "EPERM"],
  mkdir: ["ENOSPC", "EDQUOT", "EACCES", "EROFS", "EMLINK", "EIO"],
  symlink: ["ENOSPC", "EDQUOT", "EACCES", "EROFS", "EIO"],
  node: ["ENOSPC", "EPERM", "EACCES"],
  attributes: ["EPERM", "EIO", "EROFS"],
  commit: ["SQLITE_FULL", "SQLITE_IOERR"],
};
/** What goes on for ever: the disk stays full, or can only be read. */
const LASTING: readonly Fault[] = ["ENOSPC", "EROFS"];

export type Way = "error" | "short" | "kill" | "power loss";
export type Outcome = "refused" | "warned" | "harmless" | "sound" | "BROKEN";

/** What came of one thing going wrong at one call. */
export interface Point {
  readonly operation: string;
  /** The number of the call, from 1. */
  readonly number: number;
  readonly call: string;
  readonly way: Way;
  readonly fault: string;
  readonly outcome: Outcome;
  /** What is broken. */
  readonly detail?: string;
}

/** Lets everything go wrong, one thing at a time, at every call of `operation`. */
export class Sweep implements Disposable {
  readonly #boot = boots.count;
  readonly #operation: Operation;
  readonly #scene: Scene;
  readonly #image: DiskImage;
  readonly calls: readonly Call[];
  readonly #made: ReadonlyMap<string, string>;

  static async open(operation: Operation): Promise<Sweep> {
    const scene = await Scene.make();
    await operation.before(scene);
    const image = new DiskImage(scene.disk);
    recorder.start(scene.disk);
    const { code, stderr } = await operation.run(scene);
    const calls = recorder.stop();
    if (code !== 0 || stderr !== "") throw new Error(`${operation.name} ends with ${code}: ${stderr}`);
    return new Sweep(operation, scene, image, calls);
  }

  private constructor(operation: Operation, scene: Scene, image: DiskImage, calls: readonly Call[]) {
    this.#operation = operation;
    this.#scene = scene;
    this.#image = image;
    this.calls = calls;
    this.#made = new Map(scene.made);
  }

  [Symbol.dispose](): void {
    this.#scene[Symbol.dispose]();
  }

  /** The states that a kill or a loss of power can leave, each once; or `sample` of them, always the same. */
  async *crashes(sample?: number): AsyncGenerator<Point> {
    const seen = new Set<string>();
    for (const state of chosen([...kills(this.calls), ...powerLosses(this.calls)], sample)) {
      this.#image.restore();
      boots.count = this.#boot;
      replay(this.calls, state);
      const print = fingerprint(this.#scene.disk);
      if (seen.has(print)) continue;
      seen.add(print);
      yield await this.#crash(state);
    }
  }

  async #crash(state: CrashState): Promise<Point> {
    const last = Math.max(0, state.made - 1);
    if (state.what === "power loss") boots.count++;
    const fault = state.half ? "half a write" : `${state.lost.size} lost`;
    return await this.#judge(last, state.what, fault, "sound");
  }

  /** Every error at every call, once and for ever; or `sample` of them. */
  async *errors(sample?: number): AsyncGenerator<Point> {
    for (const { at, fault, forEver } of chosen([...plansFor(this.calls)], sample)) {
      yield await this.#error({ at, fault, forEver });
    }
  }

  async #error(plan: Plan): Promise<Point> {
    const { at, fault, forEver } = plan;
    this.#image.restore();
    boots.count = this.#boot;
    recorder.start(this.#scene.disk, plan);
    const { code, stderr } = await this.#operation.run(this.#scene);
    const met = recorder.met;
    recorder.stop();
    const way = fault === "short" ? "short" : "error";
    const outcome = code !== 0 ? "refused" : stderr !== "" ? "warned" : "harmless";
    const name = forEver ? `${fault} from then on` : fault;
    const complaint = complaintOf(met, this.#scene, { code, stderr });
    if (complaint !== undefined) return this.#point(at, way, name, "BROKEN", complaint);
    if (code === 0 && stderr === "") {
      const missed = await this.#operation.check?.(this.#scene);
      if (missed !== undefined) return this.#point(at, way, name, "BROKEN", `exit code 0, but ${missed}`);
    }
    return await this.#judge(at, way, name, outcome);
  }

  async #judge(at: number, way: Way, fault: string, outcome: Outcome): Promise<Point> {
    this.#scene.made.clear();
    for (const [id, tree] of this.#made) this.#scene.made.set(id, tree);
    const broken = await brokenPromise(this.#scene, this.#operation);
    this.#scene.closeLeftOpen();
    return this.#point(at, way, fault, broken === undefined ? outcome : "BROKEN", broken);
  }

  #point(at: number, way: Way, fault: string, outcome: Outcome, detail?: string): Point {
    const call = this.calls[at]!;
    const text = `${call.kind} ${shortPath(call.path.slice(this.#scene.disk.length + 1), this.#scene)}`;
    return { operation: this.#operation.name, number: at + 1, call: text, way, fault, outcome, detail };
  }
}

function* plansFor(calls: readonly Call[]): Generator<Plan> {
  for (const [at, { kind, isCheckpoint }] of calls.entries()) {
    if (isCheckpoint) continue;
    for (const fault of FAULTS[kind]) {
      yield { at, fault };
      if (LASTING.includes(fault) && isChange(kind)) yield { at, fault, forEver: true };
    }
  }
}

/** So many of `all`, evenly apart. */
export function chosen<T>(all: readonly T[], sample = all.length): readonly T[] {
  if (sample >= all.length) return all;
  return Array.from({ length: sample }, (_, i) => all[Math.floor((i + 0.5) * all.length / sample)]!);
}

/** Why what was said of errors is not good enough. */
function complaintOf(
  met: readonly Call[],
  { target }: Scene,
  { code, stderr }: { readonly code: number; readonly stderr: string },
): string | undefined {
  if (stderr.includes("this is a bug")) return `taken for a bug: ${stderr}`;
  if (code === 5) return `taken for damage: ${stderr}`;
  if (code === 0) return undefined;
  const said = [...stderr.matchAll(/\/[^"\n:;,]+/g)].map(([path]) => path.trim());
  const isNamed = ({ path }: Call) => said.some((one) => isNear(one, path) || target + one === path);
  return met.length === 0 || met.some(isNamed) ? undefined : `"${met[0]!.path}" is not named: ${stderr}`;
}

/** Whether `said` is the file or its directory: for a temporary name, that of what was to be written. */
function isNear(said: string, path: string): boolean {
  const parent = path.slice(0, path.replace(/\/$/, "").lastIndexOf("/"));
  return said === path || said === parent || said.startsWith(`${parent}/`) || path.startsWith(`${said}/`);
}

/** A path without what is random in it. */
export function shortPath(path: string, scene: Scene): string {
  return path.replace(scene.data.slice(1), "…")
    .replace(/hosts\/[a-z2-7]{26}/, "hosts/…")
    .replace(/[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{64}/, "…")
    .replace(/[0-9a-f]{64}/, "…")
    .replace(/\d{8}T\d{6}Z-[a-z2-7]{8}-[0-9a-f]{8}/g, "<id>")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "…")
    .replace(/\/(blobs|pages|lists)\/[0-9a-f]{2}(\/[0-9a-f]{2})?(?=$|\/)/, "/$1/…")
    .replace(/web1-\S*|[a-z2-7]{26}\S*/, "…");
}
