import { concatBytes } from "../base/bytes.ts";
import { endsPage, PAGE_ENTRIES_MAX } from "../model/page_cut.ts";
import type { Path } from "../model/path.ts";
import { STAT_BYTES } from "../platform/stat.ts";
import type { Visited } from "./walk.ts";

/**
 * Stamp of an entry: inode, size, mtime and ctime as the kernel wrote them. Two equal stamps of one path mean an unchanged entry.
 * In a page's stamps each follows the entry's depth and name, so that equal bytes mean an unchanged page.
 */
export const STAMP_BYTES = 40;
const STAMP_HEAD_BYTES = 4;

const INODE_AND_SIZE = 32;
const CTIME = 96;
const MTIME = 112;

/** Copies the stamp in stat record `stat` to `into` at `at`. */
export function copyStamp(stat: Uint8Array, into: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++) into[at + i] = stat[INODE_AND_SIZE + i];
  for (let i = 0; i < 12; i++) into[at + 16 + i] = stat[CTIME + i];
  for (let i = 0; i < 12; i++) into[at + 28 + i] = stat[MTIME + i];
}

/** Whether `stamp` is the stamp in stat record `stat`. */
export function isStamp(stat: Uint8Array, stamp: Uint8Array): boolean {
  for (let i = 0; i < 16; i++) if (stamp[i] !== stat[INODE_AND_SIZE + i]) return false;
  for (let i = 0; i < 12; i++) if (stamp[16 + i] !== stat[CTIME + i]) return false;
  for (let i = 0; i < 12; i++) if (stamp[28 + i] !== stat[MTIME + i]) return false;
  return true;
}

/** Size of the file that has this stamp. */
export function stampSize(stamp: Uint8Array): number {
  let size = 0;
  for (let i = 15; i >= 8; i--) size = size * 256 + stamp[i];
  return size;
}

/** The stamps in a page's stamps, in the order of its entries; views, not copies. */
export function splitStamps(stamps: Uint8Array): Uint8Array[] {
  const split: Uint8Array[] = [];
  for (let at = 0; at < stamps.length;) {
    at += STAMP_HEAD_BYTES + (stamps[at + 2] | (stamps[at + 3] << 8));
    split.push(stamps.subarray(at, at + STAMP_BYTES));
    at += STAMP_BYTES;
  }
  return split;
}

/** The entries visited since the last page ended, in reused memory. */
export class PageScratch {
  readonly paths: Path[] = [];
  readonly #stats = new Uint8Array(PAGE_ENTRIES_MAX * STAT_BYTES);
  #stamps = new Uint8Array(256 * 1024);
  #stampsLength = 0;
  readonly #stampAt: number[] = [];

  /** True when the page ends with this entry. */
  add(visited: Visited): boolean {
    this.#stats.set(visited.stat.bytes.subarray(0, STAT_BYTES), this.paths.length * STAT_BYTES);
    this.#addStamp(visited);
    this.paths.push(visited.path);
    return endsPage(visited.hash) || this.paths.length === PAGE_ENTRIES_MAX;
  }

  /** A view of the stat record of entry `i`. */
  stat(i: number): Uint8Array {
    return this.#stats.subarray(i * STAT_BYTES, (i + 1) * STAT_BYTES);
  }

  /** A view of the stat records of all entries. */
  stats(): Uint8Array {
    return this.#stats.subarray(0, this.paths.length * STAT_BYTES);
  }

  /** A view of the stamp of entry `i`. */
  stamp(i: number): Uint8Array {
    return this.#stamps.subarray(this.#stampAt[i], this.#stampAt[i] + STAMP_BYTES);
  }

  /** A view of the page's stamps. */
  stamps(): Uint8Array {
    return this.#stamps.subarray(0, this.#stampsLength);
  }

  /** Where in {@link stamps} the stamp of entry `i` begins. */
  stampOffset(i: number): number {
    return this.#stampAt[i];
  }

  clear(): void {
    this.paths.length = 0;
    this.#stampAt.length = 0;
    this.#stampsLength = 0;
  }

  #addStamp(visited: Visited): void {
    const { name, depth } = visited;
    const length = STAMP_HEAD_BYTES + name.length + STAMP_BYTES;
    if (this.#stampsLength + length > this.#stamps.length) {
      this.#stamps = concatBytes([this.#stamps, new Uint8Array(this.#stamps.length + length)]);
    }
    const stamps = this.#stamps;
    let at = this.#stampsLength;
    stamps[at++] = depth;
    stamps[at++] = depth >> 8;
    stamps[at++] = name.length;
    stamps[at++] = name.length >> 8;
    for (let i = 0; i < name.length; i++) stamps[at++] = name.charCodeAt(i);
    this.#stampAt.push(at);
    copyStamp(visited.stat.bytes, stamps, at);
    this.#stampsLength = at + STAMP_BYTES;
  }
}
