import { generateIdentity, identityToRecipient } from "age-encryption";
import { join } from "node:path";
import { type Cost, measure } from "./measure.ts";
import type { BenchS3 } from "./s3.ts";

/** A backup tool with a repository of its own in `directory`, or in a bucket of `s3`. */
export interface Tool {
  readonly name: string;
  prepare(): Promise<void>;
  /** With `wrapper` before the command: a program that runs it. */
  backUp(wrapper?: readonly string[]): Promise<Cost>;
  /** All, or `path` alone, into `target`, which does not exist yet. */
  restore(target: string, path?: string): Promise<Cost>;
  /** Where the repository's files lie on this disk. */
  readonly repository: string;
}

export interface ToolOptions {
  readonly directory: string;
  readonly tree: string;
  readonly s3: BenchS3 | undefined;
  /** Added to the configuration of vaultik. */
  readonly settings?: Record<string, unknown>;
}

export class Vaultik implements Tool {
  readonly name = "vaultik";
  readonly repository: string;
  readonly config: string;
  readonly index: string;
  readonly #options: ToolOptions;
  readonly #command: readonly string[];

  constructor(options: ToolOptions, program: readonly string[]) {
    this.#options = options;
    this.repository = options.s3?.bucketDirectory("vaultik") ?? join(options.directory, "store");
    this.config = join(options.directory, "config.yml");
    this.index = join(options.directory, "index.sqlite");
    this.#command = [...program, "--config", this.config];
  }

  /** `settings` are added to the configuration. */
  async prepare(settings: Record<string, unknown> = {}): Promise<void> {
    const { directory, tree, s3 } = this.#options;
    await Deno.mkdir(directory, { recursive: true });
    if (s3 !== undefined) await Deno.mkdir(this.repository, { recursive: true });
    const identity = await generateIdentity();
    await Deno.writeTextFile(join(directory, "key.txt"), identity + "\n", { mode: 0o600 });
    const config = {
      age_recipients: [await identityToRecipient(identity)],
      snapshots: { bench: { paths: [tree] } },
      index_path: this.index,
      ...(s3 === undefined ? { storage_url: `file://${this.repository}` } : { s3: s3.section("vaultik") }),
      ...this.#options.settings,
      ...settings,
    };
    await Deno.writeTextFile(this.config, JSON.stringify(config), { mode: 0o600 });
  }

  backUp(wrapper: readonly string[] = []): Promise<Cost> {
    return measure([...wrapper, ...this.#command, "snapshot", "create", "--cron"]);
  }

  restore(target: string, path?: string): Promise<Cost> {
    const key = join(this.#options.directory, "key.txt");
    const paths = path === undefined ? [] : [path];
    return measure([...this.#command, "restore", "latest", target, ...paths, "--identity", key]);
  }
}

export class Restic implements Tool {
  readonly name = "restic";
  readonly repository: string;
  readonly #options: ToolOptions;
  readonly #env: Record<string, string>;

  constructor(options: ToolOptions) {
    this.#options = options;
    this.repository = options.s3?.bucketDirectory("restic") ?? join(options.directory, "repository");
    this.#env = {
      RESTIC_REPOSITORY: options.s3?.resticUrl("restic") ?? this.repository,
      RESTIC_PASSWORD_FILE: join(options.directory, "password"),
      RESTIC_CACHE_DIR: join(options.directory, "cache"),
      ...options.s3?.credentials,
    };
  }

  async prepare(): Promise<void> {
    await Deno.mkdir(this.#options.directory, { recursive: true });
    await Deno.writeTextFile(join(this.#options.directory, "password"), crypto.randomUUID(), { mode: 0o600 });
    await this.#run(["init"]);
  }

  backUp(wrapper: readonly string[] = []): Promise<Cost> {
    return this.#run(["backup", "--quiet", this.#options.tree], wrapper);
  }

  restore(target: string, path?: string): Promise<Cost> {
    const paths = path === undefined ? [] : ["--include", path];
    return this.#run(["restore", "--quiet", "latest", "--target", target, ...paths]);
  }

  #run(args: readonly string[], wrapper: readonly string[] = []): Promise<Cost> {
    return measure([...wrapper, "restic", ...args], { env: this.#env });
  }
}
