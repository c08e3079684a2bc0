import { UsageError } from "../base/errors.ts";
import { configPath, faultsOf } from "../config/load.ts";
import { isKey, nearKey } from "../config/key_paths.ts";
import { readText } from "../config/read.ts";
import { writeDurably } from "../platform/durable_file.ts";
import type { GlobalOptions } from "./command.ts";
import type { Io } from "./io.ts";

/** Refuses a key that there is not. Throws `UsageError`. */
export function checkKey(key: string, path: readonly string[]): void {
  if (isKey(path)) return;
  const near = nearKey(path);
  const advice = near === undefined ? "vaultik config show --defaults shows keys" : `did you mean ${near}?`;
  throw new UsageError(`Cannot use the key ${JSON.stringify(key)}: there is no such key; ${advice}`);
}

/** The configuration file that the options name; links are followed, so that they stay. Throws `UsageError`. */
export async function configFile(options: GlobalOptions, io: Io): Promise<{ path: string; text: string }> {
  const named = configPath(options.config, (name) => io.env(name));
  const text = await readText(named);
  return { path: await Deno.realPath(named), text };
}

/**
 * Puts `text` in the place of the file at `path`, which held `before`, if it is a sound configuration: all of it or nothing, with the
 * rights and the owner that the file had. Throws `UsageError`.
 */
export async function replaceConfig(path: string, before: string, text: string, io: Io): Promise<void> {
  const { faults } = await faultsOf(path, (name) => io.env(name), text);
  if (faults.length > 0) throw new UsageError(`${faults.join("; ")}; nothing was changed`);
  if (await readText(path) !== before) {
    throw new UsageError(`Cannot change ${path}: it was changed meanwhile; try it again`);
  }
  const { mode, uid, gid } = await Deno.stat(path);
  writeDurably(path, text, { replace: true, mode: mode === null ? undefined : mode & 0o777 });
  const now = await Deno.stat(path);
  if (uid !== null && gid !== null && (now.uid !== uid || now.gid !== gid)) await Deno.chown(path, uid, gid);
}
