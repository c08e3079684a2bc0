import { generateIdentity, identityToRecipient } from "age-encryption";
import { join } from "node:path";
import { type Cost, measure, type Measured } from "./measure.ts";
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

  restore(target: string, path?: string): Promise<Measured> {
    return this.#look("restore", "latest", target, ...path === undefined ? [] : [path], "--json");
  }

  /** Into a target that is there, where only what is not the same is fetched. */
  restoreInPlace(target: string): Promise<Measured> {
    return this.#look("restore", "latest", target, "--overwrite", "if-changed", "--json");
  }

  /** The command of {@link restore}, for who wants to kill it. */
  restoreCommand(target: string): readonly string[] {
    return [...this.#command, "restore", "latest", target, "--quiet", "--identity", this.#key];
  }

  /** Mounts all snapshots on the directory that is to be added. */
  get mountCommand(): readonly string[] {
    return [...this.#command, "mount", "--quiet", "--identity", this.#key];
  }

  /** All versions of what has such a name. */
  find(pattern: string): Promise<Cost> {
    return this.#look("find", pattern);
  }

  /** What the last snapshot has changed. */
  diffLast(): Promise<Cost> {
    return this.#look("diff", "latest~1", "latest");
  }

  #look(...args: readonly string[]): Promise<Measured> {
    return measure([...this.#command, ...args, "--identity", this.#key]);
  }

  get #key(): string {
    return join(this.#options.directory, "key.txt");
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

  /** As {@link Vaultik.find}. */
  find(pattern: string): Promise<Cost> {
    return this.#run(["find", pattern]);
  }

  /** As {@link Vaultik.diffLast}. */
  async diffLast(): Promise<Cost> {
    const { stdout } = await new Deno.Command("restic", { args: ["snapshots", "--json"], env: this.#env })
      .output();
    const ids = (JSON.parse(new TextDecoder().decode(stdout)) as { readonly id: string }[]).map(({ id }) =>
      id
    );
    return await this.#run(["diff", ...ids.slice(-2)]);
  }

  #run(args: readonly string[], wrapper: readonly string[] = []): Promise<Cost> {
    return measure([...wrapper, "restic", ...args], { env: this.#env });
  }
}

/** Where rustic 0.11 is installed. */
export class Rustic implements Tool {
  readonly name = "rustic";
  readonly repository: string;
  readonly #options: ToolOptions;
  readonly #program: string;

  /** With a repository in a directory only. */
  constructor(options: ToolOptions, program: string) {
    this.#options = options;
    this.#program = program;
    this.repository = join(options.directory, "repository");
  }

  async prepare(): Promise<void> {
    await Deno.mkdir(this.#options.directory, { recursive: true });
    await Deno.writeTextFile(this.#passwordFile, crypto.randomUUID(), { mode: 0o600 });
    await this.#run(["init"]);
  }

  backUp(wrapper: readonly string[] = []): Promise<Cost> {
    return this.#run(["backup", this.#options.tree], wrapper);
  }

  restore(target: string, path = ""): Promise<Cost> {
    return this.#run(["restore", path === "" ? "latest" : `latest:${path}`, target]);
  }

  get #passwordFile(): string {
    return join(this.#options.directory, "password");
  }

  #run(args: readonly string[], wrapper: readonly string[] = []): Promise<Cost> {
    const env = {
      RUSTIC_REPOSITORY: this.repository,
      RUSTIC_PASSWORD_FILE: this.#passwordFile,
      RUSTIC_CACHE_DIR: join(this.#options.directory, "cache"),
      RUSTIC_NO_PROGRESS: "true",
    };
    return measure([...wrapper, this.#program, ...args], { env });
  }
}

/** rustic, where it is: `VAULTIK_RUSTIC`, else on the PATH. */
export function findRustic(): string | undefined {
  const program = Deno.env.get("VAULTIK_RUSTIC") ?? "rustic";
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null" }).outputSync().success
      ? program
      : undefined;
  } catch {
    return undefined;
  }
}
