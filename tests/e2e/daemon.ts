import assert from "node:assert/strict";
import { askRunNow, askStatus, controlPath } from "../../src/daemon/control.ts";
import { type Result, type RunOptions, type Scene, start } from "./vaultik.ts";

/** A line that does not come within this time does not come. */
const LIMIT_MS = 120_000;

/** Where a daemon finds what it is to do, and is asked what it does. */
export type Watched = Pick<Scene, "config" | "index">;

/** The program as a daemon, in a scene. */
export class RunningDaemon implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly #socket: string;
  #output = "";
  #changed = Promise.withResolvers<void>();
  readonly #read: Promise<void[]>;

  constructor(watched: Watched, args: readonly string[] = [], options: RunOptions = {}) {
    this.child = start(["--config", watched.config, "snapshot", "create", "--daemon", ...args], options);
    this.#socket = controlPath(watched.index);
    this.#read = Promise.all([this.#gather(this.child.stdout), this.#gather(this.child.stderr)]);
  }

  /** A daemon that has made its first backup. */
  static async ready(
    watched: Watched,
    args: readonly string[] = [],
    options: RunOptions = {},
  ): Promise<RunningDaemon> {
    const daemon = new RunningDaemon(watched, args, options);
    await daemon.says(/Watching for changes\.\.\./);
    return daemon;
  }

  /** All that it has printed. */
  get output(): string {
    return this.#output;
  }

  /** Resolves when it has printed that, once more than `before` times. */
  async says(text: RegExp, before = 0): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#changed.resolve();
    }, LIMIT_MS);
    const count = () => [...this.#output.matchAll(new RegExp(text, "g"))].length;
    while (count() <= before) {
      assert.ok(!isLate, `never said ${text}:\n${this.#output}`);
      await this.#changed.promise;
    }
    clearTimeout(timer);
  }

  /** Makes it back up, and resolves when that is done. */
  async runNow(): Promise<void> {
    assert.equal(await this.tryRunNow(), "complete", this.#output);
  }

  tryRunNow(): ReturnType<typeof askRunNow> {
    return askRunNow(this.#socket, true, new AbortController().signal);
  }

  status(): ReturnType<typeof askStatus> {
    return askStatus(this.#socket);
  }

  /** Asks it to stop and waits until it has. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<Result> {
    this.child.kill(signal);
    return await this.ended();
  }

  async ended(): Promise<Result> {
    const { code } = await this.child.status;
    await this.#read;
    return { code, stdout: this.#output, stderr: this.#output };
  }

  async #gather(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#output += text;
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
    await this.ended();
  }
}

/** Fails unless the newest snapshot is the tree as it is. */
export async function assertLatestIs(scene: Scene, tree: readonly string[]): Promise<void> {
  const restored = new Set(await scene.restored("latest"));
  const wanted = new Set(tree);
  const [missing, other] = [[...wanted.difference(restored)], [...restored.difference(wanted)]];
  assert.deepEqual({ missing: missing.slice(0, 5), other: other.slice(0, 5) }, { missing: [], other: [] });
}
