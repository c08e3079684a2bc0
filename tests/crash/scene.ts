import { closeFile } from "../../src/platform/read.ts";
import { real } from "./deno_calls.ts";
import { removeIfThere } from "./disk_image.ts";
import { type Ran, vaultik } from "../cli/in_process.ts";

export interface Listed {
  readonly id: string;
  readonly incomplete: boolean;
}

/** What a restore must bring back: a line for each entry. */
export type Tree = string;

/** A machine that is backed up. All that may be lost is in `disk`: store, second store, index with its keys, target of restores. */
export class Scene implements Disposable {
  readonly directory: string;
  readonly disk: string;
  readonly data: string;
  readonly key: string;
  readonly store: string;
  readonly second: string;
  readonly index: string;
  readonly target: string;
  /** What was in the data when a snapshot was made, by its id. */
  readonly made = new Map<string, Tree>();
  #looks = 0;

  private constructor(directory: string) {
    this.directory = directory;
    this.disk = `${directory}/disk`;
    this.data = `${directory}/data`;
    this.key = `${directory}/key.txt`;
    this.store = `${this.disk}/store`;
    this.second = `${this.disk}/second`;
    this.index = `${this.disk}/index/index.sqlite`;
    this.target = `${this.disk}/target`;
  }

  static async make(): Promise<Scene> {
    const scene = new Scene(
      Deno.realPathSync(Deno.makeTempDirSync({ dir: quickDirectory(), prefix: "vaultik-crash-" })),
    );
    real.mkdirSync(scene.data);
    real.mkdirSync(scene.disk, { mode: 0o700 });
    const { stdout } = await vaultik(["keygen", "--output", scene.key]);
    const config = {
      age_recipients: [stdout.trim()],
      hostname: "web1",
      snapshots: { data: { paths: [scene.data] } },
      storage_url: `file://${scene.store}`,
      index_path: scene.index,
      prune_grace: "0s",
      threads: 1,
    };
    Deno.writeTextFileSync(`${scene.directory}/config.yml`, JSON.stringify(config));
    scene.fill();
    return scene;
  }

  /** Makes the files that are backed up. */
  fill(): void {
    real.mkdirSync(`${this.data}/d`);
    this.write("d/file", "first contents ".repeat(200));
    this.write("empty", "");
    this.write("z", "last");
    Deno.linkSync(`${this.data}/d/file`, `${this.data}/linked`);
    Deno.symlinkSync("d/file", `${this.data}/symlink`);
    using sparse = real.openSync(`${this.data}/sparse`, { write: true, createNew: true });
    sparse.truncateSync(300_000);
    sparse.seekSync(200_000, Deno.SeekMode.Start);
    sparse.writeSync(new TextEncoder().encode("after a hole"));
  }

  write(name: string, text: string): void {
    real.writeFileSync(`${this.data}/${name}`, new TextEncoder().encode(text));
  }

  run(...argv: string[]): Promise<Ran> {
    return vaultik(["--config", `${this.directory}/config.yml`, ...argv]);
  }

  /** As {@link run}, of what cannot fail. */
  async ok(...argv: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...argv);
    if (code !== 0) throw new Error(`${argv.join(" ")}: exit code ${code}: ${stderr}`);
    return stdout;
  }

  async create(): Promise<string> {
    const { id } = JSON.parse(await this.ok("snapshot", "create", "--json"));
    this.made.set(id, this.tree(this.data));
    return id;
  }

  /** Snapshots of `store`, by their manifests. */
  async list(store = this.store): Promise<Listed[]> {
    if (!isThere(store)) return [];
    const { code, stdout, stderr } = await vaultik([
      "snapshot",
      "list",
      "--json",
      "--storage-url",
      `file://${store}`,
    ]);
    if (code !== 0) throw new Error(`snapshot list: exit code ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }

  /** What `id` restores to; throws where anything about it is not as it should be. */
  async restored(id: string, store = this.store): Promise<Tree> {
    const target = `${this.directory}/look-${this.#looks++}`;
    try {
      const from = ["--storage-url", `file://${store}`, "--identity", this.key];
      const { code, stderr } = await vaultik(["restore", id, target, ...from]);
      if (code !== 0 || stderr !== "") throw new Error(`restore ${id}: exit code ${code}: ${stderr}`);
      return this.tree(target + this.data);
    } finally {
      removeIfThere(target);
    }
  }

  tree(directory: string): Tree {
    return linesOf(directory, "").sort().join("\n");
  }

  /** A thread of a restore leaves its directories open, as it ends with the process. */
  closeLeftOpen(): void {
    for (const { name } of real.readDirSync("/proc/self/fd")) {
      if (linkOf(`/proc/self/fd/${name}`)?.startsWith(`${this.directory}/`)) closeFile(Number(name));
    }
  }

  [Symbol.dispose](): void {
    this.closeLeftOpen();
    removeIfThere(this.directory);
  }
}

function linesOf(root: string, below: string): string[] {
  const lines: string[] = [];
  for (const { name } of real.readDirSync(root + below)) {
    const path = `${below}/${name}`;
    const found = real.lstatSync(root + path);
    const { mode, mtime, isDirectory, isSymlink, nlink } = found;
    const common = `${path} ${(mode! & 0o7777).toString(8)} ${mtime!.getTime()}`;
    if (isSymlink) lines.push(`${path} -> ${real.readLinkSync(root + path)}`);
    else if (isDirectory) lines.push(`${common} directory`, ...linesOf(root, path));
    else lines.push(`${common} ${nlink} ${text(real.readFileSync(root + path))}`);
  }
  return lines;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replaceAll("\0", "");
}

/** In words; `undefined` where there is none. */
export function differenceOf(found: Tree, wanted: Tree): string | undefined {
  if (found === wanted) return undefined;
  const [has, wants] = [found.split("\n"), wanted.split("\n")];
  const first = [...has.filter((line) => !wants.includes(line)), "nothing more"][0]!;
  const missing = [...wants.filter((line) => !has.includes(line)), "nothing"][0]!;
  return `there is ${first.slice(0, 120)} where ${missing.slice(0, 120)} is wanted`;
}

function linkOf(path: string): string | undefined {
  try {
    return real.readLinkSync(path);
  } catch {
    return undefined;
  }
}

export function isThere(path: string): boolean {
  try {
    real.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Memory, where there is such a place: every state of the disk is made there. */
function quickDirectory(): string | undefined {
  try {
    Deno.removeSync(Deno.makeTempDirSync({ dir: "/dev/shm" }));
    return "/dev/shm";
  } catch {
    return undefined;
  }
}
