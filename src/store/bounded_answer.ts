import { NotS3Error } from "./s3_errors.ts";

/** The largest answer that is not an object: a page of a listing has a thousand keys of at most 1 KiB. */
export const MAX_ANSWER_BYTES = 8 << 20;
/** Of an answer that says what is wrong; what is longer says nothing. */
export const MAX_ERROR_BYTES = 64 << 10;

/** Reads an answer that should be short to its end. Throws {@link NotS3Error} where it is not; a long error counts as one without words. */
export async function readBounded(
  body: AsyncIterable<Uint8Array> | null | undefined,
  status: number,
): Promise<ReadableStream<Uint8Array>> {
  const isError = status >= 300;
  const limit = isError ? MAX_ERROR_BYTES : MAX_ANSWER_BYTES;
  const parts = await readUpTo(body, limit);
  if (parts === undefined && !isError) throw new NotS3Error(`its answer is longer than ${limit} bytes`);
  return new Blob(parts ?? []).stream();
}

/** A text of at most `limit` bytes; `undefined` where it is longer, of which no more is read. */
export async function readText(
  body: AsyncIterable<Uint8Array> | null | undefined,
  limit: number,
): Promise<string | undefined> {
  const parts = await readUpTo(body, limit);
  return parts && await new Blob(parts).text();
}

async function readUpTo(
  body: AsyncIterable<Uint8Array> | null | undefined,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>[] | undefined> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > limit) return undefined;
    parts.push(new Uint8Array(part));
  }
  return parts;
}
