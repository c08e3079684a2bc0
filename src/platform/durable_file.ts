import { dirname, resolve } from "node:path/posix";

/** Owner alone may read and write. */
export const PRIVATE_FILE = 0o600;

/**
 * Writes `text` to `path`: after any crash or loss of power there is all of it or what was there before. Throws what Deno throws,
 * `AlreadyExists` where a file is there that is not to be replaced.
 */
export function writeDurably(
  path: string,
  text: string,
  { replace = false, mode = PRIVATE_FILE }: { readonly replace?: boolean; readonly mode?: number } = {},
): void {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    writeSynced(temporary, text, mode);
    if (replace) Deno.renameSync(temporary, path);
    else Deno.linkSync(temporary, path);
  } finally {
    removeIfThere(temporary);
  }
  syncDirectory(parentOf(path));
}

/**
 * Makes the directory `path` and those above it where they are missing. It outlasts any loss of power, also where a run that made it was
 * killed before it could see to that. Throws what Deno throws.
 */
export function makeDirectoryDurably(path: string, options: { readonly mode?: number } = {}): void {
  const parents = [parentOf(path)];
  while (!isThere(parents[0]!)) parents.unshift(parentOf(parents[0]!));
  Deno.mkdirSync(path, { recursive: true, ...options });
  for (const parent of parents) syncDirectory(parent);
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The directory that `path` is in. */
function parentOf(path: string): string {
  return dirname(resolve(path));
}

function writeSynced(path: string, text: string, mode: number): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode });
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  file.syncSync();
}

/** A new name is on the disk only when its directory is. */
function syncDirectory(path: string): void {
  using directory = Deno.openSync(path);
  directory.syncSync();
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
