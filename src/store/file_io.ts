import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { errnoName } from "../base/errno.ts";
import { noteProgress } from "../base/progress.ts";
import { readCached } from "../platform/cached_file.ts";
import type { QuickCalls } from "./quick_calls.ts";
import { checkMaximum } from "./read_checks.ts";
import type { GetOptions } from "./store.ts";
import { isLeftover } from "./temporary.ts";

/** More is worth a thread that copies it meanwhile. */
const CACHED_MAX_BYTES = 4 * 1024 * 1024;
/** Of whole objects, which may not be in memory, no more is read without a thread. */
const QUICK_BYTES = 128 * 1024;

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

/**
 * A file or a range of it; of what is in memory without a wait for another thread. Throws `CorruptionError` where the file has less than is
 * asked for, `NotFoundError` where it is none.
 */
export async function readObject(path: string, options: GetOptions, calls: QuickCalls): Promise<Uint8Array> {
  const { range } = options;
  if (range === undefined || range.length > CACHED_MAX_BYTES) return await readWaiting(path, options, calls);
  const into = options.into ?? new Uint8Array(range.length);
  return readCached(path, range.offset, into) ? into : await readWaiting(path, { ...options, into }, calls);
}

async function readWaiting(path: string, options: GetOptions, calls: QuickCalls): Promise<Uint8Array> {
  using file = await openObject(path, calls);
  // These two wait for no disk, as the file is open; to let them wait would double what a small read takes.
  const found = file.statSync();
  checkMaximum(path, found.size, options);
  const { offset, length } = options.range ?? { offset: 0, length: found.size };
  const ends = () =>
    new CorruptionError(`Cannot read "${path}": it ends at byte ${found.size}, not ${offset + length}`);
  if (offset + length > found.size) throw ends();
  if (offset > 0) file.seekSync(offset, Deno.SeekMode.Start);
  const bytes = options.into ?? new Uint8Array(length);
  for (let done = 0; done < length;) {
    options.signal?.throwIfAborted();
    const rest = bytes.subarray(done);
    const elsewhere = () => file.read(rest);
    const count = await (length > QUICK_BYTES ? elsewhere() : calls.make(() =>
      file.readSync(rest), elsewhere));
    if (count === null) throw ends();
    done += count;
  }
  return bytes;
}

/** What is no file is not opened: a pipe would keep this thread until someone writes to it, and no signal is heard meanwhile. */
async function openObject(path: string, calls: QuickCalls): Promise<Deno.FsFile> {
  const { isFile } = await calls.make(() => Deno.statSync(path), () => Deno.stat(path));
  if (!isFile) throw new NotFoundError(`Cannot read "${path}": not a file`);
  return await calls.make(() => Deno.openSync(path), () => Deno.open(path));
}

/** Best effort: a reader may have no right to remove, and another process may be quicker. */
export async function removeLeftover(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch(() => undefined);
  if (found?.mtime && isLeftover(found.mtime)) {
    await Deno.remove(path).catch(() => {});
  }
}
