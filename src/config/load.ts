import { basename } from "node:path/posix";
import { UsageError } from "../base/errors.ts";
import { effectiveUser } from "../platform/owners.ts";
import { type Config, faultsIn, type MachineDefaults, parseConfig, parseStorage } from "./config.ts";
import type { Expansion } from "./expand.ts";
import { isSecretKey } from "./key_paths.ts";
import { type Read, readConfiguration } from "./read.ts";
import type { Storage } from "./storage.ts";

export const DEFAULT_CONFIG_PATH = "/etc/vaultik/config.yml";

/** Looks up an environment variable; empty counts as absent. */
export type Environment = (name: string) => string | undefined;

export interface LoadedConfig {
  readonly path: string;
  readonly config: Config;
  /** One line each, for the user to see. */
  readonly warnings: readonly string[];
}

/** `--config` over `VAULTIK_CONFIG` over `/etc/vaultik/config.yml`. */
export function configPath(flag: string | undefined, environment: Environment): string {
  return flag ?? environment("VAULTIK_CONFIG") ?? DEFAULT_CONFIG_PATH;
}

/** Reads and checks the configuration, and what it includes. Throws `UsageError`. */
export async function loadConfig(flag: string | undefined, environment: Environment): Promise<LoadedConfig> {
  const path = configPath(flag, environment);
  const read = await readConfiguration(path, expansionOf(environment));
  const config = parseConfig(read.value, read.sourceOf, machineDefaults(environment));
  if (hasCommands(config)) { for (const file of read.files) await checkWriters(file); }
  return { path, config, warnings: await warningsOf(config.storage, read) };
}

/** What is wrong with the configuration at `path`, one line each, and what else is to be seen to; `text` is what the file shall hold. */
export async function faultsOf(
  path: string,
  environment: Environment,
  text?: string,
): Promise<{ readonly faults: readonly string[]; readonly warnings: readonly string[] }> {
  try {
    const read = await readConfiguration(path, expansionOf(environment), text);
    const faults = faultsIn(read.value, read.sourceOf, machineDefaults(environment));
    if (faults.length > 0) return { faults, warnings: [] };
    const config = parseConfig(read.value, read.sourceOf, machineDefaults(environment));
    if (hasCommands(config)) { for (const file of read.files) await checkWriters(file); }
    return { faults, warnings: await warningsOf(config.storage, read) };
  } catch (error) {
    if (error instanceof UsageError) return { faults: [error.message], warnings: [] };
    throw error;
  }
}

/** Reads which store a configuration names; the rest of it need not be there. Throws `UsageError`. */
export async function loadStorage(
  path: string,
  environment: Environment,
): Promise<{ readonly storage: Storage; readonly warnings: readonly string[] }> {
  const read = await readConfiguration(path, expansionOf(environment));
  const storage = parseStorage(read.value, read.sourceOf, machineDefaults(environment));
  return { storage, warnings: await warningsOf(storage, read) };
}

async function warningsOf(storage: Storage, { secretsIn }: Read): Promise<string[]> {
  if (storage.kind !== "s3" || storage.secretAccessKey === undefined || storage.keyFiles.length > 0) {
    return [];
  }
  const file = secretsIn.get("s3.secret_access_key");
  return file === undefined ? [] : await readableByOthers(file);
}

/** Where a file's values come from that it only names. */
export function expansionOf(environment: Environment): Expansion {
  return {
    environment,
    readSecret: (path) => readSecret(path, environment("CREDENTIALS_DIRECTORY")),
    isSecret: isSecretKey,
  };
}

export function machineDefaults(environment: Environment): MachineDefaults {
  return {
    hostname: Deno.hostname(),
    indexPath: defaultIndexPath(effectiveUser(), environment),
    cores: navigator.hardwareConcurrency,
    region: environment("AWS_REGION") ?? environment("AWS_DEFAULT_REGION"),
    readSecret: (path) => readSecret(path, environment("CREDENTIALS_DIRECTORY")),
  };
}

/** systemd hands files over in a directory of the service (`LoadCredential=`), where they have their names. */
function readSecret(path: string, credentials: string | undefined): string {
  try {
    if (credentials !== undefined) return Deno.readTextFileSync(`${credentials}/${basename(path)}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return Deno.readTextFileSync(path);
}

/** For root a directory of the system, for others one of their own. */
export function defaultIndexPath(
  uid: number | null,
  environment: Environment,
  os: string = Deno.build.os,
): string {
  if (os === "darwin") {
    const home = uid === 0 ? "" : environment("HOME") ?? "";
    return `${home}/Library/Application Support/vaultik/index.sqlite`;
  }
  if (uid === 0) return "/var/lib/vaultik/index.sqlite";
  const state = environment("XDG_STATE_HOME") ?? `${environment("HOME") ?? ""}/.local/state`;
  return `${state}/vaultik/index.sqlite`;
}

function hasCommands({ hooks, drill, snapshots }: Config): boolean {
  return hooks !== undefined || drill.verify.length > 0 ||
    snapshots.some(({ hooks, commands }) => hooks !== undefined || commands.length > 0);
}

const WRITABLE_BY_OTHERS = 0o022;

/** Whoever may write commands into the file runs them as the user who backs up. Throws `UsageError`. */
async function checkWriters(path: string): Promise<void> {
  const { mode } = await Deno.stat(path);
  if (mode === null || (mode & WRITABLE_BY_OTHERS) === 0) return;
  throw new UsageError(
    `Cannot use configuration ${path}: it has commands, and others than its owner may write to it; do: chmod go-w ${path}`,
  );
}

const GROUP_AND_OTHERS = 0o077;

async function readableByOthers(path: string): Promise<string[]> {
  const { mode } = await Deno.stat(path);
  if (mode === null || (mode & GROUP_AND_OTHERS) === 0) return [];
  return [
    `${path} holds s3.secret_access_key and others than its owner have rights to it; do: chmod 600 ${path}`,
  ];
}
