import { CorruptionError, UnavailableError, UsageError } from "../base/errors.ts";
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
