import { UsageError } from "../base/errors.ts";
import { type Config, faultsIn, parseConfig, parseStorage } from "./config.ts";
import { checkWriters, readableByOthers } from "./file_rights.ts";
import { type Environment, expansionOf, machineDefaults } from "./machine.ts";
import { type Read, readConfiguration } from "./read.ts";
import type { Storage } from "./storage.ts";

export const DEFAULT_CONFIG_PATH = "/etc/vaultik/config.yml";

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

function hasCommands({ hooks, drill, snapshots }: Config): boolean {
  return hooks !== undefined || drill.verify.length > 0 ||
    snapshots.some(({ hooks, commands }) => hooks !== undefined || commands.length > 0);
}
