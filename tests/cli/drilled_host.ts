import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { settledTimes } from "../fixtures/settled_times.ts";
import { hostDirectory, type Ran, type RunOptions, vaultik } from "./in_process.ts";

const KEYS = await generateKeyPair({ postQuantum: false });

/** A machine with a few files and a backup of them, in a directory of the test. */
export class DrilledHost {
  readonly directory: string;
  readonly tree: string;
  readonly #config: Record<string, unknown>;

  private constructor(directory: string, config: Record<string, unknown>) {
    this.directory = directory;
    this.tree = `${directory}/tree`;
    this.#config = {
      age_recipients: [KEYS.recipient],
      index_path: `${directory}/state/index.sqlite`,
      hostname: "web1",
      metrics_file: `${directory}/vaultik.prom`,
      threads: 1,
      snapshots: { home: { paths: [this.tree] } },
      storage_url: `file://${directory}/store`,
      ...config,
    };
  }

  static async make(directory: string, config: Record<string, unknown> = {}): Promise<DrilledHost> {
    const host = new DrilledHost(directory, config);
    await Deno.mkdir(`${host.tree}/sub`, { recursive: true });
    for (let i = 0; i < 5; i++) await Deno.writeTextFile(`${host.tree}/sub/${i}`, `contents ${i}`.repeat(50));
    await Deno.writeTextFile(`${host.tree}/dump.sql`, "CREATE TABLE t;\n-- complete\n");
    await host.configure({});
    await Deno.writeTextFile(`${directory}/key.txt`, KEYS.identity + "\n", { mode: 0o600 });
    await settledTimes();
    await host.backUp();
    return host;
  }

  /** Changes keys of the configuration. */
  async configure(change: Record<string, unknown>): Promise<void> {
    Object.assign(this.#config, change);
    const text = JSON.stringify(this.#config);
    await Deno.writeTextFile(`${this.directory}/config.yml`, text, { mode: 0o600 });
  }

  async backUp(options: RunOptions = {}): Promise<void> {
    const made = await this.run(["snapshot", "create"], options);
    assert.equal(made.code, 0, made.stderr);
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return vaultik(["--config", `${this.directory}/config.yml`, ...argv], options);
  }

  drillWithKey(...argv: string[]): Promise<Ran> {
    return this.run(["drill", "--identity", `${this.directory}/key.txt`, ...argv]);
  }

  get metrics(): string {
    return Deno.readTextFileSync(`${this.directory}/vaultik.prom`);
  }

  /** Files of the directory store below the directory `name` of the host, in order. */
  objects(name: string): string[] {
    const filesIn = (directory: string): string[] =>
      [...Deno.readDirSync(directory)].flatMap((entry) => {
        const path = `${directory}/${entry.name}`;
        return entry.isDirectory ? filesIn(path) : [path];
      });
    try {
      return filesIn(`${hostDirectory(`${this.directory}/store`)}/${name}`).sort();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }
}
