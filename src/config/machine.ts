import { basename } from "node:path/posix";
import { effectiveUser } from "../platform/owners.ts";
import type { MachineDefaults } from "./config.ts";
import type { Expansion } from "./expand.ts";
import { isSecretKey } from "./key_paths.ts";

/** Looks up an environment variable; empty counts as absent. */
export type Environment = (name: string) => string | undefined;

/** Where a file's values come from that it only names. */
export function expansionOf(environment: Environment): Expansion {
  return {
    environment,
    readSecret: (path) => readSecret(path, environment("CREDENTIALS_DIRECTORY")),
    isSecret: isSecretKey,
  };
}

/** What a configuration need not say, as this machine has it. */
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
