import { release } from "./bytes.ts";
import { ID_BYTES } from "./digest.ts";

const FIRST_CAPACITY = 1024;
/** Linear probing gets slow beyond: about 13 places are looked at for an id that is not there. */
const FULL = 0.8;

/**
 * A map from SHA-256 ids to numbers of 0 to 2^31 - 1 without an object an entry: hundreds of thousands come and go in a backup. Open
 * addressing with linear probing; ids are random, so their first bytes are the hash.
 */
export class IdMap {
  #capacity = FIRST_CAPACITY;
  #ids = new Uint8Array(FIRST_CAPACITY * ID_BYTES);
  /** The number plus one; 0 where the place is free. */
  #values = new Uint32Array(FIRST_CAPACITY);
  size = 0;

  /** The number of the id at `ids[at..at+32)`, or -1. */
  get(ids: Uint8Array, at = 0): number {
    return this.#values[this.#find(ids, at)]! - 1;
  }

  set(ids: Uint8Array, at: number, value: number): void {
    let place = this.#find(ids, at);
    if (this.#values[place] === 0) {
      if (this.size >= this.#capacity * FULL) {
        this.#grow();
        place = this.#find(ids, at);
      }
      this.size++;
      this.#copy(ids, at, place);
    }
    this.#values[place] = value + 1;
  }

  /** Takes an id out; its number, or -1. */
  take(ids: Uint8Array, at = 0): number {
    const place = this.#find(ids, at);
    const value = this.#values[place]! - 1;
    if (value >= 0) this.#free(place);
    return value;
  }

  /** Keeps the memory. */
  clear(): void {
    this.#values.fill(0);
    this.size = 0;
  }

  /** Where the id is, or the free place where it belongs. */
  #find(ids: Uint8Array, at: number): number {
    const mask = this.#capacity - 1;
    let place = homeOf(ids, at) & mask;
    while (this.#values[place] !== 0 && !this.#isAt(place, ids, at)) place = (place + 1) & mask;
    return place;
  }

  #isAt(place: number, ids: Uint8Array, at: number): boolean {
    const own = this.#ids;
    const start = place * ID_BYTES;
    for (let i = 0; i < ID_BYTES; i++) if (own[start + i] !== ids[at + i]) return false;
    return true;
  }

  #copy(ids: Uint8Array, at: number, place: number): void {
    const own = this.#ids;
    const start = place * ID_BYTES;
    for (let i = 0; i < ID_BYTES; i++) own[start + i] = ids[at + i]!;
  }

  /** Frees a place and closes the gap: no id may be behind a free place on the way from its home (Knuth, TAOCP 6.4, algorithm R). */
  #free(place: number): void {
    const mask = this.#capacity - 1;
    this.size--;
    let gap = place;
    for (let next = (gap + 1) & mask; this.#values[next] !== 0; next = (next + 1) & mask) {
      const home = homeOf(this.#ids, next * ID_BYTES) & mask;
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      this.#copy(this.#ids, next * ID_BYTES, gap);
      this.#values[gap] = this.#values[next]!;
      gap = next;
    }
    this.#values[gap] = 0;
  }

  #grow(): void {
    const ids = this.#ids;
    const values = this.#values;
    this.#capacity *= 2;
    this.#ids = new Uint8Array(this.#capacity * ID_BYTES);
    this.#values = new Uint32Array(this.#capacity);
    for (let old = 0; old < values.length; old++) {
      if (values[old] === 0) continue;
      const place = this.#find(ids, old * ID_BYTES);
      this.#copy(ids, old * ID_BYTES, place);
      this.#values[place] = values[old]!;
    }
    release(ids);
    release(values);
  }
}

function homeOf(ids: Uint8Array, at: number): number {
  return ids[at]! | (ids[at + 1]! << 8) | (ids[at + 2]! << 16) | (ids[at + 3]! << 24);
}
