/** Bytes from `start` up to `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a Range header (RFC 9110) asks for of `size` bytes; `undefined` where everything is to be sent: without the header, or where it is
 * malformed or asks for several parts. "none": it lies beyond the end.
 */
export function rangeOf(header: string | null, size: number): ByteRange | undefined | "none" {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  if (match[1] === "") {
    const length = Math.min(Number(match[2]), size);
    return length === 0 ? "none" : { start: size - length, end: size };
  }
  const start = Number(match[1]);
  const end = match[2] === "" ? size : Math.min(size, Number(match[2]) + 1);
  if (match[2] !== "" && Number(match[2]) < start) return undefined;
  return start >= size ? "none" : { start, end };
}
