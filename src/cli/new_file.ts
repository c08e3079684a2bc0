import { EnvironmentError, UsageError } from "../base/errors.ts";
import { writeDurably } from "../platform/durable_file.ts";

/**
 * Writes `text` to `path`, readable by its owner alone: all of it or nothing. A file that is there already is refused with a
 * `UsageError` unless `replace`.
 */
export function writeNewFile(path: string, text: string, options: { readonly replace: boolean }): void {
  try {
    writeDurably(path, text, options);
  } catch (cause) {
    throw refusal(path, cause);
  }
}

function refusal(path: string, cause: unknown): Error {
  if (cause instanceof Deno.errors.AlreadyExists) {
    return new UsageError(`Cannot write ${path}: it is there already`, { cause });
  }
  if (cause instanceof Deno.errors.NotFound) {
    return new UsageError(`Cannot write ${path}: there is no such directory`, { cause });
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return new UsageError(`Cannot write ${path}: no right to write there`, { cause });
  }
  return new EnvironmentError(`Cannot write ${path}`, { cause });
}

/** Whether something is at `path`, so that it can be refused before any work. */
export async function isTaken(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw refusal(path, error);
  }
}
