import { UnavailableError } from "../base/errors.ts";
import { copyBytes } from "../platform/shared_copy.ts";
import type { Watch } from "./idle_limit.ts";

/**
 * Read at a time, at most. The stream takes the buffer that it fills and gives back another, which V8 counts as that much garbage: larger ones
 * keep its collector busy. Each read leaves 14 KB of objects behind, so that smaller ones do too.
 */
const SCRATCH_BYTES = 256 << 10;

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
  let scratch = new Uint8Array(Math.min(SCRATCH_BYTES, length));
  let filled = 0;
  try {
    while (filled < length) {
      const wanted = Math.min(SCRATCH_BYTES, length - filled);
      const { value, done } = await reader.read(scratch.subarray(0, wanted));
      if (done) break;
      // A call that was given up as nothing moved may move again, when others use this memory.
      watch.signal.throwIfAborted();
      copyBytes(value, bytes, filled);
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
