import type { Dirent } from "node:fs";

const HEAD_BYTES = 19;
const DT_DIR = 4;
const DT_OTHER = 8;
const encoder = new TextEncoder();

/** Takes as many of `entries` as there is room for, and writes them as records of getdents64(2); gives the bytes written. */
export function takeDirectoryRecords(entries: Dirent[], into: Uint8Array): number {
  let at = 0;
  while (entries.length > 0) {
    const entry = entries.at(-1)!;
    const name = encoder.encode(entry.name);
    const length = HEAD_BYTES + name.length + 1;
    if (at + length > into.length) break;
    into.fill(0, at, at + length);
    into[at + 16] = length & 0xff;
    into[at + 17] = length >> 8;
    into[at + 18] = entry.isDirectory() ? DT_DIR : DT_OTHER;
    into.set(name, at + HEAD_BYTES);
    at += length;
    entries.pop();
  }
  return at;
}
