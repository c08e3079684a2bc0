import { concatBytes } from "../base/bytes.ts";
import type { Entry } from "../model/entry.ts";
import type { Path } from "../model/path.ts";
import { copyStamp, type PageScratch, STAMP_BYTES } from "../scan/page_scratch.ts";

/** A page that has changed, while the contents of its files are being read and stored. */
export class PageDraft {
  readonly paths: readonly Path[];
  readonly #entries: (Entry | undefined)[];
  readonly #stamps: Uint8Array;
  readonly #stampAt: readonly number[];
  #pending = 1;
  readonly #onComplete: (draft: PageDraft) => void;

  /** `onComplete` is called once, when all that {@link wait} was called for has come in and the draft is {@link seal}ed. */
  constructor(scratch: PageScratch, onComplete: (draft: PageDraft) => void) {
    this.paths = scratch.paths.slice();
    this.#entries = new Array(this.paths.length);
    this.#stamps = scratch.stamps().slice();
    this.#stampAt = this.paths.map((_, i) => scratch.stampOffset(i));
    this.#onComplete = onComplete;
  }

  entry(i: number): Entry | undefined {
    return this.#entries[i];
  }

  /** Sets entry `i`; `undefined` leaves it out of the snapshot. */
  set(i: number, entry: Entry | undefined): void {
    this.#entries[i] = entry;
  }

  get entries(): Entry[] {
    return this.#entries.filter((entry) => entry !== undefined);
  }

  /** The next backup will find a changed entry there, and look at it again. */
  distrust(i: number): void {
    this.#stamps.fill(0, this.#stampAt[i], this.#stampAt[i] + STAMP_BYTES);
  }

  /** The stamp of entry `i` is that of `stat`. */
  restamp(i: number, stat: Uint8Array): void {
    copyStamp(stat, this.#stamps, this.#stampAt[i]);
  }

  /** Stamps of the entries that are in the page. */
  get stamps(): Uint8Array {
    const parts: Uint8Array[] = [];
    let start = 0;
    for (let i = 0; i < this.paths.length; i++) {
      const end = this.#stampAt[i] + STAMP_BYTES;
      if (this.#entries[i] !== undefined) parts.push(this.#stamps.subarray(start, end));
      start = end;
    }
    return concatBytes(parts);
  }

  /** One thing more must come in. */
  wait(): void {
    this.#pending++;
  }

  arrived(): void {
    if (--this.#pending === 0) this.#onComplete(this);
  }

  /** All that the draft waits for has been named. */
  seal(): void {
    this.arrived();
  }
}
