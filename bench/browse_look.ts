import { join } from "node:path";
import { hasStrace } from "../tests/fixtures/system_calls.ts";
import { type Cost, measure } from "./measure.ts";

/** What a question costs where nothing is kept on this machine, and when it is asked again. */
export interface Looked {
  readonly cold: Cost;
  readonly warm: Cost;
}

interface LookOptions {
  /** A directory. */
  readonly store: string;
  readonly identity: string;
  readonly work: string;
  readonly program: readonly string[];
}

/** Asks the program about a store in a directory. */
export class Look {
  readonly #options: LookOptions;
  readonly #key: string;
  #caches = 0;

  static async begin(options: LookOptions): Promise<Look> {
    const key = join(options.work, "key.txt");
    await Deno.writeTextFile(key, `${options.identity}\n`, { mode: 0o600 });
    return new Look(options, key);
  }

  private constructor(options: LookOptions, key: string) {
    this.#options = options;
    this.#key = key;
  }

  async ask(question: readonly string[]): Promise<Looked> {
    const cache = this.#newCache();
    const cold = await this.#run(question, this.#store, cache);
    return { cold, warm: await this.#run(question, this.#store, cache) };
  }

  /** Objects that a cold run reads of the store, a file each, and their bytes; `undefined` where strace is missing. */
  async count(
    question: readonly string[],
  ): Promise<{ readonly reads: number; readonly bytes: number } | undefined> {
    if (!hasStrace()) return undefined;
    const traces = await Deno.makeTempDir({ dir: this.#options.work, prefix: "traces-" });
    // A file for each thread: no call is interrupted by another's.
    const strace = [
      "strace",
      "-ff",
      "-y",
      "-qq",
      "-o",
      `${traces}/thread`,
      "-e",
      "trace=openat,read,pread64",
    ];
    await this.#run(question, this.#store, this.#newCache(), strace);
    let [reads, bytes] = [0, 0];
    for await (const { name } of Deno.readDir(traces)) {
      for (const line of (await Deno.readTextFile(`${traces}/${name}`)).split("\n")) {
        if (!line.includes(`<${this.#options.store}/`)) continue;
        if (line.startsWith("openat")) reads += line.includes("O_DIRECTORY") ? 0 : 1;
        else bytes += Number(/ = (\d+)$/.exec(line)?.[1] ?? 0);
      }
    }
    return { reads, bytes };
  }

  get #store(): readonly string[] {
    return ["--storage-url", `file://${this.#options.store}`];
  }

  #newCache(): string {
    return join(this.#options.work, `cache-${this.#caches++}`);
  }

  #run(
    question: readonly string[],
    store: readonly string[],
    cache: string,
    wrapper: readonly string[] = [],
  ): Promise<Cost> {
    const command = [...wrapper, ...this.#options.program, ...question, ...store, "--identity", this.#key];
    // A program that runs from its source keeps what Deno has fetched for it.
    const deno = Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/root", ".cache/deno");
    return measure(command, { env: { XDG_CACHE_HOME: cache, DENO_DIR: deno } });
  }
}
