import { DEFAULT_BLOB_BYTES } from "../../model/blob_size.ts";

const MIB = 2 ** 20;
const DEFAULT_MEMORY_BYTES = 256 * MIB;
/** What a restore takes beside: the runtime, the client of the store, entries of the pages in work. */
const FIXED_BYTES = 142 * MIB;
/** A thread, and what it opens and decompresses in. */
const WRITER_BYTES = 20 * MIB;
/** Of what is left, at most; entries wait in the text of their pages for their contents. */
const WINDOW_SHARE = 1 / 2;
const LEAST_WINDOW_BYTES = 4 * MIB;
/** A blob of the default size can be had whole. */
const LEAST_FETCH_BYTES = DEFAULT_BLOB_BYTES;

/** How the memory of a restore is divided. */
export interface RestoreMemory {
  /** Text of pages at a time; a blob that files of several such windows want is fetched for each. */
  readonly windowBytes: number;
  /** Stored bytes that are fetched, or wait to be opened, at a time, while there are so many bytes of text. */
  fetchBytes(textBytes: number): number;
}

/** Divides `memoryBytes` for so many writers. */
export function restoreMemory(
  { memoryBytes = DEFAULT_MEMORY_BYTES, writers }: {
    readonly memoryBytes?: number;
    readonly writers: number;
  },
): RestoreMemory {
  const left = memoryBytes - FIXED_BYTES - writers * WRITER_BYTES;
  return {
    windowBytes: Math.max(LEAST_WINDOW_BYTES, Math.floor(left * WINDOW_SHARE)),
    fetchBytes: (textBytes) => Math.max(LEAST_FETCH_BYTES, left - textBytes),
  };
}
