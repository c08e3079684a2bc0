import { Buffer } from "node:buffer";
import type { NamedBlob } from "../src/model/blob_list.ts";
import type { Entry, Place } from "../src/model/entry.ts";

// Entries, and ids, of a history that is made up.

export const ENTRIES_PER_PAGE = 1_000;
export const FILE_BYTES = 34 * 1024;

const words = new Uint32Array(8);
const wordBytes = Buffer.from(words.buffer);

/** Looks like a hash, and costs next to nothing: making ids up is not what is measured. */
export function idOf(number: number): string {
  for (let i = 0; i < 8; i++) {
    let word = Math.imul(number * 8 + i + 1, 0x9e3779b1);
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    words[i] = word ^ (word >>> 13);
  }
  return wordBytes.toString("hex");
}

export function firstPathOf(page: number): string {
  return page === 0 ? "/data" : directoryOf(page);
}

export function directoryOf(page: number): string {
  return `/data/directory-${String(page).padStart(6, "0")}`;
}

/** The place of a chunk of which nothing is there. */
export function madeUp([, blob, blobSize]: NamedBlob, number: number): Place {
  return { blob, blobSize, offset: (number % 400) * FILE_BYTES, length: FILE_BYTES, id: idOf(-1 - number) };
}

const COMMON = { mode: 0o644, uid: 0, gid: 0, mtime: "1767225600000000000" };

/** Every hundredth file is a `.conf`. */
export function fileOf(page: number, file: number, chunk: Place): Entry {
  const path = `${directoryOf(page)}/file-${file}${file % 100 === 1 ? ".conf" : ""}`;
  return { path, kind: "file", ...COMMON, size: FILE_BYTES, chunks: [chunk] };
}

export function entriesOf(page: number, chunkOf: (file: number) => Place): Entry[] {
  const names = Array.from({ length: ENTRIES_PER_PAGE }, (_, i) => i);
  const directories = [...page === 0 ? ["/data"] : [], directoryOf(page)];
  return [
    ...directories.map((path): Entry => ({ path, kind: "directory", ...COMMON, mode: 0o755 })),
    ...names.map((i) => fileOf(page, i, chunkOf(i))).sort((a, b) => (a.path < b.path ? -1 : 1)),
  ];
}
