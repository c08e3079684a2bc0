import assert from "node:assert/strict";
import { join } from "node:path";
import type { FaultProxy } from "../tests/fixtures/fault_proxy.ts";
import { listTree } from "../tests/fixtures/tree.ts";
import type { RunningDaemon } from "../tests/e2e/daemon.ts";
import type { Result, Scene } from "../tests/e2e/vaultik.ts";

const FILES = 400;
const DIRECTORIES = 20;
const CHANGES = 25;
const FILE_BYTES_MAX = 40_000;
/** A spoilt line may make a command fail so: damaged, or no answer. */
const EXCUSED = [0, 5, 6];

/** What is done beside the daemon, and what came of it. */
export class SoakWork {
  readonly problems: string[] = [];
  readonly #outcomes = new Map<string, number>();
  readonly #scene: Scene;
  readonly #random: () => number;
  #rounds = 0;

  /** Makes the tree of `scene`, whose size stays what it is. */
  constructor(scene: Scene, random: () => number) {
    this.#scene = scene;
    this.#random = random;
    for (let i = 0; i < DIRECTORIES; i++) Deno.mkdirSync(join(scene.tree, `${i}`));
    for (let i = 0; i < FILES; i++) this.#write(i);
  }

  /** Changes files, has them backed up, and restores, verifies or prunes. */
  async round(daemon: RunningDaemon): Promise<void> {
    const round = this.#rounds++;
    for (let i = 0; i < CHANGES; i++) this.#change(this.#below(FILES));
    const outcome = await daemon.tryRunNow();
    this.#count(`daemon run: ${outcome}`);
    if (round % 2 === 0) await this.#restore(outcome === "complete");
    if (round % 3 === 0) await this.#run("snapshot", "verify");
    if (round % 5 === 0) await this.#run("prune", "--force");
    if (round % 7 === 0) await this.#run("snapshot", "verify", "--deep", "--identity", this.#scene.key);
    if (round % 10 === 0) console.log(`${new Date().toISOString()} round ${round}`);
  }

  /** With a sound line again, all that is there is sound. */
  async finish(daemon: RunningDaemon): Promise<void> {
    await daemon.runNow();
    await this.#restore(true);
    await this.#scene.ok("prune", "--force");
    await this.#scene.ok("snapshot", "verify", "--deep", "--identity", this.#scene.key);
    const { code } = await daemon.stop();
    if (code !== 0) this.problems.push(`the daemon ended with ${code}: ${daemon.output.slice(-500)}`);
  }

  print(proxy: FaultProxy): void {
    console.log(
      `${this.#rounds} rounds, ${proxy.requests} requests, ${proxy.injected.length} of them spoilt`,
    );
    const faults = Map.groupBy(proxy.injected, (fault) => fault);
    console.table(Object.fromEntries([...faults].map(([fault, all]) => [fault, all.length])));
    console.table(Object.fromEntries([...this.#outcomes].sort()));
    for (const problem of this.problems) console.log(`PROBLEM: ${problem}`);
  }

  /** The snapshot is the tree, where it is that of the last change and the restore says that it is done. */
  async #restore(isLatest: boolean): Promise<void> {
    const target = this.#scene.path("restored");
    const result = await this.#run("restore", "latest", target, "--identity", this.#scene.key);
    if (result.code === 0 && isLatest) {
      try {
        assert.deepEqual(await listTree(target + this.#scene.tree), await listTree(this.#scene.tree));
      } catch (error) {
        this.problems.push(`round ${this.#rounds}: ${(error as Error).message.slice(0, 500)}`);
      }
    }
    await Deno.remove(target, { recursive: true }).catch(() => {});
  }

  async #run(...args: string[]): Promise<Result> {
    const result = await this.#scene.run(...args);
    const what = args.filter((arg) => /^[a-z-]+$/.test(arg) && arg !== "latest").join(" ");
    this.#count(`${what}: exit ${result.code}`);
    if (!EXCUSED.includes(result.code)) {
      this.problems.push(
        `round ${this.#rounds}: ${what} ended with ${result.code}: ${result.stderr.slice(0, 500)}`,
      );
    }
    return result;
  }

  #change(file: number): void {
    const path = this.#pathOf(file);
    if (this.#random() < 0.2) Deno.removeSync(path, { recursive: true });
    this.#write(file);
  }

  #write(file: number): void {
    const bytes = new Uint8Array(this.#below(FILE_BYTES_MAX)).map(() => this.#random() * 256);
    Deno.writeFileSync(this.#pathOf(file), bytes);
  }

  #pathOf(file: number): string {
    return join(this.#scene.tree, `${file % DIRECTORIES}`, `${file}`);
  }

  #count(what: string): void {
    this.#outcomes.set(what, (this.#outcomes.get(what) ?? 0) + 1);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
