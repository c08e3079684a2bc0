import { concatBytes } from "../base/bytes.ts";
import { endsPage, FNV_START, hashPath, PAGE_ENTRIES_MAX } from "../model/page_cut.ts";
import type { Path } from "../model/path.ts";
import { S_IFREG, type Stat, STAT_BYTES, STAT_WORDS } from "../platform/stat.ts";
import { type Named, putName, type StampedEntry, stampedLength } from "./page_stamps.ts";
import { copyStamp, STAMP_BYTES } from "./stamp.ts";
import type { Visited } from "./visited.ts";

/** The entries visited since the last page ended, in reused memory. */
export class PageScratch {
  readonly paths: Path[] = [];
  /** Numbers of the files that have several names. */
  readonly linked: number[] = [];
  readonly #statWords = new Uint32Array(PAGE_ENTRIES_MAX * STAT_WORDS);
  readonly #stats = new Uint8Array(this.#statWords.buffer);
  #stamps = new Uint8Array(256 * 1024);
  #stampsLength = 0;
  readonly #stampAt: number[] = [];

  /** True when the page ends with this entry. */
  add(visited: Visited): boolean {
    const { stat } = visited;
    stat.save(this.#statWords, this.paths.length * STAT_WORDS);
    if (stat.type === S_IFREG && stat.linkCount > 1) this.linked.push(this.paths.length);
    const stampAt = this.#addName(visited);
    copyStamp(stat.bytes, this.#stamps, stampAt);
    return this.#endsPage(visited.hash);
  }

  /** As {@link add}, of an entry of the last backup that no one has looked at: its stat record is empty. */
  addUnseen(entry: StampedEntry, isLinked: boolean): boolean {
    const at = this.paths.length * STAT_BYTES;
    this.#stats.fill(0, at, at + STAT_BYTES);
    if (isLinked) this.linked.push(this.paths.length);
    const stampAt = this.#addName(entry);
    for (let i = 0; i < STAMP_BYTES; i++) this.#stamps[stampAt + i] = entry.stamps[entry.stampAt + i]!;
    return this.#endsPage(hashPath(FNV_START, entry.path));
  }

  /** Loads the stat record of entry `i`. */
  loadStat(i: number, into: Stat): Stat {
    return into.load(this.#stats, i * STAT_BYTES);
  }

  /** A view of the stat records of all entries. */
  stats(): Uint8Array {
    return this.#stats.subarray(0, this.paths.length * STAT_BYTES);
  }

  /** A view of the stamp of entry `i`. */
  stamp(i: number): Uint8Array {
    return this.#stamps.subarray(this.#stampAt[i], this.#stampAt[i]! + STAMP_BYTES);
  }

  /** A view of the page's stamps. */
  stamps(): Uint8Array {
    return this.#stamps.subarray(0, this.#stampsLength);
  }

  /** Where in {@link stamps} the stamp of entry `i` begins. */
  stampOffset(i: number): number {
    return this.#stampAt[i]!;
  }

  clear(): void {
    this.paths.length = 0;
    this.linked.length = 0;
    this.#stampAt.length = 0;
    this.#stampsLength = 0;
  }

  #endsPage(hash: number): boolean {
    return endsPage(hash) || this.paths.length === PAGE_ENTRIES_MAX;
  }

  /** Adds the entry without its stamp; where that is to be in `#stamps`, which may be another one now. */
  #addName(named: Named): number {
    const length = stampedLength(named);
    if (this.#stampsLength + length > this.#stamps.length) {
      this.#stamps = concatBytes([this.#stamps, new Uint8Array(this.#stamps.length + length)]);
    }
    const at = putName(named, this.#stamps, this.#stampsLength);
    this.#stampsLength += length;
    this.#stampAt.push(at);
    this.paths.push(named.path);
    return at;
  }
}
