import { atLeast } from "../../src/base/at_least.ts";
import { timeOfSnapshot } from "../../src/model/names.ts";
import assert from "node:assert/strict";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { V8_FLAGS } from "../../bench/v8_flags.ts";
import { listTree, removeTree } from "../fixtures/tree.ts";
import type { S3Server } from "../fixtures/s3_server.ts";

/** A run that takes longer hangs. */
const LIMIT_MS = 120_000;
/** What the program may see of our environment: nothing of the user's keys and settings. */
const PASSED_ON = [
  ...["PATH", "HOME", "TMPDIR", "LANG", "DENO_DIR", "DENO_TLS_CA_STORE", "XDG_CACHE_HOME"],
  "VAULTIK_PLATFORM",
];

/** The executable under test: `VAULTIK_BINARY`; otherwise the program runs from its source. */
export const BINARY = resolvedBinary();

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly uid?: number;
  /** Another executable than {@link BINARY}. */
  readonly binary?: string;
}

function resolvedBinary(): string | undefined {
  const given = Deno.env.get("VAULTIK_BINARY");
  return given === undefined || given === "" ? undefined : resolve(given);
}

/** The words that start the program: the executable under test, or Deno with the source. */
export function programWords(binary = BINARY): string[] {
  if (binary !== undefined) return [binary];
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const run = [Deno.execPath(), "run", "-A", "--no-prompt", "--quiet", V8_FLAGS];
  return [...run, "--config", join(root, "deno.json"), join(root, "main.ts")];
}

/** Starts the program; the caller awaits it. */
export function start(args: readonly string[], options: RunOptions = {}): Deno.ChildProcess {
  const { binary, env = {}, uid, cwd } = options;
  const [program, ...first] = atLeast(1, programWords(binary));
  const passed = PASSED_ON.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return new Deno.Command(program, {
    args: [...first, ...args],
    clearEnv: true,
    env: { ...Object.fromEntries(passed), NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(uid === undefined ? {} : { uid, gid: uid }),
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
}

/** Waits for what {@link start} started, and kills it when it hangs. */
export async function finish(child: Deno.ChildProcess): Promise<Result> {
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    child.kill("SIGKILL");
  }, LIMIT_MS);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  const result = { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  assert.ok(!hangs, `still running after ${LIMIT_MS} ms; so far it said:\n${result.stdout}${result.stderr}`);
  return result;
}

export async function vaultik(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return await finish(start(args, options));
}

/** The store of a scene: a directory of its own, or a prefix on a server. */
export type SceneStore = "file" | { readonly server: S3Server; readonly prefix: string };

/** One host that is backed up: a tree, a configuration, a key pair, a store. */
export class Scene implements AsyncDisposable {
  readonly directory: string;
  readonly tree: string;
  readonly config: string;
  readonly key: string;
  readonly index: string;
  /** Of a file store. */
  readonly store: string;
  /** Added to what every run sees of the environment. */
  env: Record<string, string> = {};
  identity = "";
  #restored = 0;
  #nextSecondMs = 0;

  private constructor(directory: string) {
    this.directory = directory;
    this.tree = join(directory, "tree");
    this.config = join(directory, "config.yml");
    this.key = join(directory, "key.txt");
    this.index = join(directory, "index.sqlite");
    this.store = join(directory, "store");
  }

  /** `settings` are added to the configuration. */
  static async open(store: SceneStore = "file", settings: Record<string, unknown> = {}): Promise<Scene> {
    const scene = new Scene(await Deno.realPath(await Deno.makeTempDir({ prefix: "vaultik-e2e-" })));
    await Deno.mkdir(scene.tree);
    scene.identity = await generateIdentity();
    await Deno.writeTextFile(scene.key, `# a key of a test\n${scene.identity}\n`, { mode: 0o600 });
    await scene.configure({ ...storeSettings(store, scene.store), ...settings });
    return scene;
  }

  /** Writes the configuration again. */
  async configure(settings: Record<string, unknown>): Promise<void> {
    const config = {
      hostname: "host",
      age_recipients: [await identityToRecipient(this.identity)],
      snapshots: { main: { paths: [this.tree] } },
      index_path: this.index,
      ...settings,
    };
    await Deno.writeTextFile(this.config, JSON.stringify(config, undefined, 1), { mode: 0o600 });
  }

  run(...args: string[]): Promise<Result> {
    return vaultik(["--config", this.config, ...args], { env: this.env });
  }

  /** Runs a command that must succeed; gives what it printed. */
  async ok(...args: string[]): Promise<string> {
    const result = await this.run(...args);
    assert.equal(result.code, 0, `${args.join(" ")}: ${result.stderr}`);
    return result.stdout;
  }

  /** Makes a snapshot and gives its id. Each begins in a second of its own: by their ids they are in the order in which they were made. */
  async create(...args: string[]): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, this.#nextSecondMs - Date.now())));
    const { id } = JSON.parse(await this.ok("snapshot", "create", "--json", ...args));
    this.#nextSecondMs = timeOfSnapshot(id) + 1000;
    return id;
  }

  async list(): Promise<Listed[]> {
    return JSON.parse(await this.ok("snapshot", "list", "--json"));
  }

  restore(id: string, target: string, ...paths: string[]): Promise<Result> {
    return this.run("restore", id, target, ...paths, "--identity", this.key);
  }

  /** Restores `id` and gives the restored tree as lines. */
  async restored(id: string): Promise<string[]> {
    const target = this.path(`restored-${this.#restored++}`);
    const result = await this.restore(id, target);
    assert.equal(result.code, 0, result.stderr);
    return await listTree(target + this.tree);
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** The directory of this host in a file store, which is there once a backup has begun. */
  get host(): string {
    const [first] = [...Deno.readDirSync(join(this.store, "hosts"))];
    // Before that, one that never is.
    return join(this.store, "hosts", first?.name ?? "none");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeTree(this.directory);
  }
}

export interface Listed {
  readonly id: string;
  readonly host: string;
  readonly hostname: string;
  readonly name: string;
  readonly started_at: string;
  readonly finished_at: string;
  readonly files: number;
  readonly bytes: number;
}

export function storeSettings(store: SceneStore, directory: string): Record<string, unknown> {
  if (store === "file") return { storage_url: `file://${directory}` };
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = store.server.location("");
  const keys = { access_key_id: accessKeyId, secret_access_key: secretAccessKey };
  return { s3: { endpoint, bucket, prefix: store.prefix, region, ...keys } };
}

/** That the program failed as it should: the exit code, one line on stderr that says it, and nothing else. */
export function assertFails(result: Result, code: number | readonly number[], said: RegExp): void {
  const lines = result.stderr.trimEnd().split("\n").filter((line) => !/^(note|warning):/i.test(line));
  assert.match(result.stderr, said);
  assert.equal(lines.length, 1, `more than one line:\n${result.stderr}`);
  assert.match(lines[0]!, /^vaultik: Cannot /);
  assert.ok([code].flat().includes(result.code), `exit code ${result.code}: ${result.stderr}`);
}

/** A test that is left out, and says why in its name, where `missing` names what it would need. */
export function testWith(
  missing: string | undefined,
  name: string,
  run: (context: Deno.TestContext) => Promise<void>,
): void {
  Deno.test({
    name: missing === undefined ? name : `${name} (needs ${missing})`,
    ignore: missing !== undefined,
    fn: run,
  });
}

/** A test that starts the program so often, or works it so long, that it is left to the executable. */
export function testOfExecutable(name: string, run: (context: Deno.TestContext) => Promise<void>): void {
  testWith(BINARY === undefined ? "VAULTIK_BINARY" : undefined, name, run);
}

/** Whether `program` can be run. */
export function hasProgram(program: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

export const isRoot = Deno.build.os !== "windows" && Deno.uid() === 0;
