import { dirname } from "node:path/posix";
import * as v from "valibot";
import { EnvironmentError } from "../base/errors.ts";
import { isHostId } from "../model/host_id.ts";
import { makeDirectoryDurably, writeDurably } from "../platform/durable_file.ts";

// What hosts are called on this machine alone: a file beside the index.

const VERSION = 1;
const PRIVATE_DIRECTORY = 0o700;

/** As in the configuration. */
const HOST_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9.-]{0,127}$/;

const NamesSchema = v.object({
  vaultik_host_names: v.literal(VERSION),
  names: v.record(v.pipe(v.string(), v.check(isHostId)), v.pipe(v.string(), v.regex(HOST_NAME_PATTERN))),
});

const pathOf = (indexPath: string) => `${indexPath}.hosts.json`;

/** By id. They are for people, so a damaged file counts as none. Throws `EnvironmentError` where it may not be read. */
export function readHostNames(indexPath: string): ReadonlyMap<string, string> {
  const path = pathOf(indexPath);
  try {
    const { names } = v.parse(NamesSchema, JSON.parse(Deno.readTextFileSync(path)));
    return new Map(Object.entries(names));
  } catch (cause) {
    const isNone = cause instanceof Deno.errors.NotFound || cause instanceof SyntaxError ||
      cause instanceof v.ValiError;
    if (isNone) return new Map();
    throw new EnvironmentError(`Cannot read "${path}": ${(cause as Error).message}`, { cause });
  }
}

/** Calls a host by `name` on this machine; without one, by its id again. */
export function nameHost(indexPath: string, host: string, name: string | undefined): void {
  const names = new Map(readHostNames(indexPath));
  if (name === undefined) names.delete(host);
  else names.set(host, name);
  const path = pathOf(indexPath);
  try {
    makeDirectoryDurably(dirname(path), { mode: PRIVATE_DIRECTORY });
    const text = JSON.stringify({ vaultik_host_names: VERSION, names: Object.fromEntries(names) });
    writeDurably(path, text + "\n", { replace: true });
  } catch (cause) {
    throw new EnvironmentError(`Cannot write "${path}": ${(cause as Error).message}`, { cause });
  }
}
