import { isAbsolute, resolve } from "node:path/posix";
import { UsageError } from "../base/errors.ts";

/**
 * The absolute path that was given for something on this machine. Throws `UsageError` where it is relative to a working directory that is
 * not there any more.
 */
export function localPath(given: string): string {
  if (isAbsolute(given)) return resolve(given);
  try {
    return resolve(Deno.cwd(), given);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(
      `Cannot use ${
        JSON.stringify(given)
      }: the working directory was removed; give the whole path, or cd to another`,
      { cause },
    );
  }
}
