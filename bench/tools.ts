import { generateIdentity, identityToRecipient } from "age-encryption";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Cost, measure } from "./measure.ts";
import type { BenchS3 } from "./s3.ts";
import { V8_FLAGS } from "./v8_flags.ts";

/** A backup tool with a repository of its own in `directory`, or in a bucket of `s3`. */
export interface Tool {
  readonly name: string;
  prepare(): Promise<void>;
  backUp(): Promise<Cost>;
  /** Into `target`, which does not exist yet. */
  restore(target: string): Promise<Cost>;
  /** Where the repository's files lie on this disk. */
  readonly repository: string;
}

export interface ToolOptions {
  readonly directory: string;
  readonly tree: string;
  readonly s3: BenchS3 | undefined;
}

/** The program as an executable, or from its source where there is none. */
export function programCommand(binary: string | undefined): string[] {
  if (binary !== undefined) return [binary];
  const root = fileURLToPath(new URL("..", import.meta.url));
  return [
    Deno.execPath(),
    "run",
    "-A",
    "--no-prompt",
    V8_FLAGS,
    "--config",
    join(root, "deno.json"),
    join(root, "main.ts"),
  ];
}

export class Vaultik implements Tool {
  readonly name = "vaultik";
  readonly repository: string;
  readonly #options: ToolOptions;
  readonly #command: readonly string[];

  constructor(options: ToolOptions, program: readonly string[]) {
    this.#options = options;
    this.repository = options.s3?.bucketDirectory("vaultik") ?? join(options.directory, "store");
    this.#command = [...program, "--config", join(options.directory, "config.yml")];
  }

  async prepare(): Promise<void> {
    const { directory, tree, s3 } = this.#options;
    await Deno.mkdir(directory, { recursive: true });
    if (s3 !== undefined) await Deno.mkdir(this.repository, { recursive: true });
    const identity = await generateIdentity();
    await Deno.writeTextFile(join(directory, "key.txt"), identity + "\n", { mode: 0o600 });
    const config = {
      age_recipients: [await identityToRecipient(identity)],
      snapshots: { bench: { paths: [tree] } },
      index_path: join(directory, "index.sqlite"),
      ...(s3 === undefined ? { storage_url: `file://${this.repository}` } : { s3: s3.section("vaultik") }),
    };
    await Deno.writeTextFile(join(directory, "config.yml"), JSON.stringify(config), { mode: 0o600 });
  }

  backUp(): Promise<Cost> {
    return measure([...this.#command, "snapshot", "create", "--cron"]);
  }

  restore(target: string): Promise<Cost> {
    const key = join(this.#options.directory, "key.txt");
    return measure([...this.#command, "restore", "latest", target, "--identity", key]);
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

  backUp(): Promise<Cost> {
    return this.#run(["backup", "--quiet", this.#options.tree]);
  }

  restore(target: string): Promise<Cost> {
    return this.#run(["restore", "--quiet", "latest", "--target", target]);
  }

  #run(args: string[]): Promise<Cost> {
    return measure(["restic", ...args], { env: this.#env });
  }
}
