import { createHash } from "node:crypto";
import { sha256Hex } from "../base/digest.ts";
import { CorruptionError } from "../base/errors.ts";
import type { BlobSource } from "./blob_reader.ts";

/** Larger objects are fetched in pieces, and again where they are opened; this bounds the memory of each request. */
const WHOLE_BYTES_MAX = 64 * 1024 * 1024;
const PIECE_BYTES = 4 * 1024 * 1024;

/** What came of hashing a stored object, and a source that has its bytes at hand where they are not too many. */
export interface WholeObject {
  /** What is wrong with the stored bytes. */
  readonly fault?: string;
  readonly source: BlobSource;
}

/** Fetches all of the object `name`, of which the bytes must have the SHA-256 `id`. Throws `NotFoundError`, `CorruptionError`. */
export async function fetchWhole(
  source: BlobSource,
  name: string,
  id: string,
  size: number,
): Promise<WholeObject> {
  if (size > WHOLE_BYTES_MAX) return { fault: faultOf(await hashInPieces(source, name, size), id), source };
  const bytes = size === 0 ? new Uint8Array(0) : await source.fetch(name, 0, size);
  return { fault: faultOf(sha256Hex(bytes), id), source: inMemory(source, bytes) };
}

async function hashInPieces(source: BlobSource, name: string, size: number): Promise<string> {
  const hash = createHash("sha256");
  for (let at = 0; at < size; at += PIECE_BYTES) {
    hash.update(await source.fetch(name, at, Math.min(PIECE_BYTES, size - at)));
  }
  return hash.digest("hex");
}

function faultOf(sha256: string, id: string): string | undefined {
  return sha256 === id ? undefined : `is damaged: its bytes have the SHA-256 ${sha256}`;
}

/** Gives copies: a reader frees what it was given. */
function inMemory(source: BlobSource, bytes: Uint8Array): BlobSource {
  return {
    fetch: (name, offset, length) => {
      if (offset + length <= bytes.length) return Promise.resolve(bytes.slice(offset, offset + length));
      return Promise.reject(new CorruptionError(`Cannot read "${name}": it ends at byte ${bytes.length}`));
    },
    openHeader: (header) => source.openHeader(header),
  };
}
