import { release } from "../base/bytes.ts";
import type { PageLine } from "../model/page_line.ts";
import type { Path } from "../model/path.ts";
import { type Stat, STAT_BYTES } from "../platform/stat.ts";
import type { PageScratch } from "../scan/page_scratch.ts";
import { joinStamps, readStamps, type StampedEntry } from "../scan/page_stamps.ts";
import { distrustStamp, inodeOf, STAMP_BYTES } from "../scan/stamp.ts";
import type { ReadOutcome } from "./read_outcome.ts";
import { ChunkSlots, type Owner } from "./chunk_slots.ts";

/** Entries of a draft, from number `start` up to, but not including, number `end`. */
export interface DraftPart {
  readonly start: number;
  readonly end: number;
}

/**
 * A page that has changed, while the contents of its files are being read and stored. It holds what the scan saw as packed bytes; entries
 * are made of it at the end, because very many pages may wait.
 */
export class PageDraft implements Owner {
  readonly paths: readonly Path[];
  /** Chunks of its files, by the number of the entry. */
  readonly chunks = new ChunkSlots(this);
  /** List pages of files with very many chunks, by the number of the entry. */
  readonly lists = new Map<number, ChunkSlots>();
  /** What readers found that the scan did not. */
  readonly outcomes = new Map<number, ReadOutcome>();
  /** Entries that are another name of the file at this path. */
  readonly linkedTo = new Map<number, Path>();
  /** Entries that were there before, as other ones. */
  readonly changed = new Set<number>();
  readonly #stats: Uint8Array;
  readonly #stamps: Uint8Array;
  readonly #stampAt: Uint32Array;
  readonly #kept: (PageLine | undefined)[] = [];
  readonly #omitted = new Set<number>();
  readonly #distrusted = new Set<number>();
  readonly #linked: readonly number[];
  #pending = 1;
  readonly #onComplete: (draft: PageDraft) => void;

  /** `onComplete` is called whenever all that {@link wait} was called for has arrived; {@link wait} may follow. */
  constructor(scratch: PageScratch, onComplete: (draft: PageDraft) => void) {
    this.paths = scratch.paths.slice();
    this.#stats = scratch.stats().slice();
    this.#stamps = scratch.stamps().slice();
    this.#stampAt = new Uint32Array(this.paths.length);
    for (let i = 0; i < this.#stampAt.length; i++) this.#stampAt[i] = scratch.stampOffset(i);
    this.#linked = scratch.linked.slice();
    this.#onComplete = onComplete;
  }

  /** Loads the stat record of entry `i`, as the scan saw it. */
  loadStat(i: number, into: Stat): Stat {
    return into.load(this.#stats, i * STAT_BYTES);
  }

  /** Writes the stamp of entry `i` to `into` at `at`. */
  saveStamp(i: number, into: Uint8Array, at: number): void {
    for (let byte = 0, from = this.#stampAt[i]!; byte < STAMP_BYTES; byte++) {
      into[at + byte] = this.#stamps[from + byte]!;
    }
  }

  /** Whether entry `i` has the stamp of `other`. */
  hasStamp(i: number, { stamps, stampAt }: StampedEntry): boolean {
    const start = this.#stampAt[i]!;
    for (let byte = 0; byte < STAMP_BYTES; byte++) {
      if (this.#stamps[start + byte] !== stamps[stampAt + byte]) return false;
    }
    return true;
  }

  /** Entry `i` is as in the last backup. */
  keep(i: number, line: PageLine): void {
    this.#kept[i] = line;
  }

  kept(i: number): PageLine | undefined {
    return this.#kept[i];
  }

  /** Leaves entry `i` out of the snapshot. */
  omit(i: number): void {
    this.#omitted.add(i);
  }

  isOmitted(i: number): boolean {
    return this.#omitted.has(i);
  }

  /** The next backup will find a changed entry there, and look at it again. */
  distrust(i: number): void {
    this.#distrusted.add(i);
    distrustStamp(this.#stamp(i));
  }

  isDistrusted(i: number): boolean {
    return this.#distrusted.has(i);
  }

  /** A copy of the stamps of the entries that are in the page which has those from `start` to `end`. */
  stamps({ start, end }: DraftPart): Uint8Array {
    if (this.#omitted.size === 0 && end - start === this.paths.length) return this.#stamps.slice();
    const entries = readStamps(this.#stamps, this.paths[0]!);
    return joinStamps(entries.filter((_, i) => i >= start && i < end && !this.#omitted.has(i)));
  }

  /** Inodes of the entries in such a page that are one of several names of a file. */
  links({ start, end }: DraftPart): bigint[] {
    return this.#linked.filter((i) => i >= start && i < end && !this.#omitted.has(i))
      .map((i) => inodeOf(this.#stamp(i)));
  }

  /** Gives the memory back; the draft is not to be used any more. */
  free(): void {
    this.chunks.free();
    for (const lists of this.lists.values()) lists.free();
    release(this.#stats);
    release(this.#stamps);
  }

  /** A view of the stamp of entry `i`. */
  #stamp(i: number): Uint8Array {
    return this.#stamps.subarray(this.#stampAt[i], this.#stampAt[i]! + STAMP_BYTES);
  }

  /** One thing more must come in. */
  wait(): void {
    this.#pending++;
  }

  arrived(): void {
    if (--this.#pending === 0) this.#onComplete(this);
  }
}
