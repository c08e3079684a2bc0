import { CorruptionError, UnavailableError, UsageError } from "../base/errors.ts";
import type { Watch } from "./idle_limit.ts";
import type { ByteRange, GetOptions } from "./store.ts";

/** No object of ours is larger: blobs have at most half of it. */
const MAX_OBJECT_BYTES = 1 << 30;

/** Throws `CorruptionError` where `thing` has more bytes than are wanted at most. */
export function checkMaximum(
  thing: string,
  length: number,
  { range, maxBytes = MAX_OBJECT_BYTES }: GetOptions,
): void {
  if (range !== undefined || length <= maxBytes) return;
  throw new CorruptionError(`Cannot read "${thing}": it has ${length} bytes, more than ${maxBytes}`);
}

/** Throws unless the answer is the object, or exactly `range` of it. */
export function checkExtent(
  thing: string,
  range: ByteRange | undefined,
  length?: number,
  contentRange?: string,
): void {
  if (length === undefined) throw new UnavailableError("the answer has no length");
  if (range === undefined) return;
  if (contentRange === undefined && range.offset === 0 && length === range.length) return;
  if (!contentRange?.startsWith(`bytes ${range.offset}-`)) {
    throw new UsageError(`Cannot read "${thing}": the store does not answer ranges`);
  }
  if (length === range.length) return;
  throw new CorruptionError(
    `Cannot read "${thing}": ${length} bytes from ${range.offset} on, not ${range.length}`,
  );
}

/**
 * The stream takes the buffer that it fills and gives back another. V8 counts each as that much garbage, so that large
 * ones keep its collector busy: four times the CPU time on Deno 2.6.
 */
const SCRATCH_BYTES = 64 << 10;

/**
 * Fills `bytes` and reads on to the end of the stream, so that the connection can be used again. After each piece it waits for
 * `pace`, and the other side with it.
 */
export async function readExactly(
  body: ReadableStream<Uint8Array>,
  bytes: Uint8Array,
  watch: Watch,
  pace?: (bytes: number) => Promise<void>,
): Promise<Uint8Array> {
  const { length } = bytes;
  const reader = body.getReader({ mode: "byob" });
  let scratch = new Uint8Array(SCRATCH_BYTES);
  let filled = 0;
  try {
    while (filled < length) {
      const wanted = Math.min(SCRATCH_BYTES, length - filled);
      const { value, done } = await reader.read(scratch.subarray(0, wanted));
      if (done) break;
      // A call that was given up as nothing moved may move again, when others use this memory.
      watch.signal.throwIfAborted();
      bytes.set(value, filled);
      filled += value.length;
      scratch = new Uint8Array(value.buffer);
      watch.progress();
      await pace?.(value.length);
    }
    if (filled === length && (await reader.read(new Uint8Array(1))).done) return bytes;
  } catch (error) {
    throw new UnavailableError(`the answer broke off after ${filled} of ${length} bytes`, { cause: error });
  } finally {
    reader.releaseLock();
  }
  throw new UnavailableError(`the answer does not have the ${length} bytes that it announced`);
}
