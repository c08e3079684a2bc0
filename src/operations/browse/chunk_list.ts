import { CorruptionError } from "../../base/errors.ts";
import { LruCache } from "../../base/lru.ts";
import { forEachParallel } from "../../base/parallel.ts";
import type { Entry, Place } from "../../model/entry.ts";
import { firstAfter } from "./page_list.ts";

/** Lists that are read at a time, and that are kept. */
const LISTS_AT_ONCE = 8;
const LISTS_KEPT = 16;

/** A chunk and where it begins in the data of its file, of which holes are no part. */
export interface PlacedChunk {
  readonly place: Place;
  readonly start: number;
}

/** The chunks of a file by their place in it. Of a file that has lists of them only a few lists are kept. */
export class ChunkList {
  readonly #lists: readonly Place[];
  readonly #readList: (list: Place) => Promise<readonly Place[]>;
  readonly #kept = new LruCache<number, Promise<readonly PlacedChunk[]>>(LISTS_KEPT);
  /** Where each list begins, and the end. */
  #starts: Promise<readonly number[]> | undefined;

  constructor({ chunks, lists }: Entry, readList: (list: Place) => Promise<readonly Place[]>) {
    if (chunks === undefined && lists === undefined) {
      throw new CorruptionError("An entry has neither chunks nor lists");
    }
    this.#readList = readList;
    this.#lists = lists ?? [];
    if (chunks === undefined) return;
    const placed = placeChunks(chunks, 0);
    this.#starts = Promise.resolve([0, endOf(placed)]);
    this.#kept.set(0, Promise.resolve(placed), 0);
  }

  /** The chunks that hold bytes `from` to `to` of the data, in order. Throws `CorruptionError` where not all do. */
  async within(from: number, to: number): Promise<PlacedChunk[]> {
    const starts = await this.#startsOfLists();
    if (to > starts[starts.length - 1]!) {
      throw new CorruptionError(`The chunks of a file end before byte ${to}`);
    }
    const found: PlacedChunk[] = [];
    const first = firstAfter(starts.length, (i) => starts[i]! > from) - 1;
    for (let list = first; list < starts.length - 1 && starts[list]! < to; list++) {
      const chunks = await this.#list(list, starts[list]!);
      const begin = firstAfter(chunks.length, (i) => chunks[i]!.start > from) - 1;
      for (let i = Math.max(0, begin); i < chunks.length && chunks[i]!.start < to; i++) {
        found.push(chunks[i]!);
      }
    }
    return found;
  }

  #startsOfLists(): Promise<readonly number[]> {
    if (this.#starts !== undefined) return this.#starts;
    const starts = this.#measure();
    starts.catch(() => this.#starts = undefined);
    return this.#starts = starts;
  }

  /** Reads all lists once: what is in each is not said elsewhere. */
  async #measure(): Promise<readonly number[]> {
    const lengths: number[] = [];
    await forEachParallel(this.#lists.keys(), LISTS_AT_ONCE, async (list) => {
      const chunks = await this.#readList(this.#lists[list]!);
      lengths[list] = chunks.reduce((sum, { length }) => sum + length, 0);
    });
    const starts = [0];
    for (const length of lengths) starts.push(starts[starts.length - 1]! + length);
    return starts;
  }

  #list(number: number, start: number): Promise<readonly PlacedChunk[]> {
    const kept = this.#kept.get(number);
    if (kept !== undefined) return kept;
    const list = this.#readList(this.#lists[number]!).then((chunks) => placeChunks(chunks, start));
    this.#kept.set(number, list);
    list.catch(() => this.#kept.delete(number));
    return list;
  }
}

function placeChunks(chunks: readonly Place[], start: number): PlacedChunk[] {
  return chunks.map((place) => {
    const placed = { place, start };
    start += place.length;
    return placed;
  });
}

function endOf(chunks: readonly PlacedChunk[]): number {
  const last = chunks.at(-1);
  return last === undefined ? 0 : last.start + last.place.length;
}
