import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { errnoName } from "../base/errno.ts";
import { noteProgress } from "../base/progress.ts";
import { checkMaximum } from "./read_checks.ts";
import type { GetOptions } from "./store.ts";
import { isLeftover } from "./temporary.ts";

/** A new file, of which the bytes are on the disk. */
export async function writeSynced(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  for (let done = 0; done < bytes.length;) {
    signal?.throwIfAborted();
    done += await file.write(bytes.subarray(done));
    noteProgress();
  }
  await file.sync();
}

/** Makes new names in the directory durable. Some network file systems refuse it, and have no better way. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    using directory = await Deno.open(path);
    await directory.sync();
  } catch (error) {
    if (!["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EBADF", "EISDIR"].includes(errnoName(error) ?? "")) throw error;
  }
}

/** Throws `CorruptionError` where the file has less than is asked for, `NotFoundError` where it is none. */
export async function readRange(
  file: Deno.FsFile,
  path: string,
  options: GetOptions,
): Promise<Uint8Array> {
  // These two wait for no disk, as the file is open; to let them wait would double what a small read takes.
  const found = file.statSync();
  if (!found.isFile) throw new NotFoundError(`Cannot read "${path}": not a file`);
  checkMaximum(path, found.size, options);
  const { offset, length } = options.range ?? { offset: 0, length: found.size };
  const ends = () =>
    new CorruptionError(`Cannot read "${path}": it ends at byte ${found.size}, not ${offset + length}`);
  if (offset + length > found.size) throw ends();
  if (offset > 0) file.seekSync(offset, Deno.SeekMode.Start);
  const bytes = options.into ?? new Uint8Array(length);
  for (let done = 0; done < length;) {
    options.signal?.throwIfAborted();
    const count = await file.read(bytes.subarray(done));
    if (count === null) throw ends();
    done += count;
  }
  return bytes;
}

/** Best effort: a reader may have no right to remove, and another process may be quicker. */
export async function removeLeftover(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => undefined);
  if (found?.mtime && isLeftover(found.mtime)) {
    await Deno.remove(path).catch(() => {});
  }
}
