import { view } from "./bytes.ts";
import { ID_BYTES } from "./digest.ts";

const FIRST_CAPACITY = 1024;
/** Slots for each id that there is room for: half of them stay empty. */
const SLOTS_PER_ID = 2;

/** Value of each hexadecimal digit by its character code; -1 for what is none. Upper case is none. */
const DIGITS = Int8Array.from(
  { length: 256 },
  (_, code) => "0123456789abcdef".indexOf(String.fromCharCode(code)),
);

/**
 * A set of SHA-256 ids that keeps them in the order of adding: 40 bytes an id, so a million are 40 MiB. Ids are hashes themselves, so their
 * first bytes are as good as a hash of them.
 */
export class IdSet {
  #ids = new Uint8Array(FIRST_CAPACITY * ID_BYTES);
  /** First words of the ids, which tell most of them apart. */
  #words = new Int32Array(this.#ids.buffer);
  /** Positions plus one; 0 is empty. */
  #slots = new Int32Array(FIRST_CAPACITY * SLOTS_PER_ID);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds the 32 bytes at `at` of `bytes`; the position of the id, which is that of before where it was there. */
  add(bytes: Uint8Array, at = 0): number {
    if (this.#size * ID_BYTES === this.#ids.length) this.#grow();
    // Written behind the last one, where it stays if it is new.
    this.#ids.set(
      at === 0 && bytes.length === ID_BYTES ? bytes : bytes.subarray(at, at + ID_BYTES),
      this.#size * ID_BYTES,
    );
    return this.#settle();
  }

  /** As {@link add}, for 64 lower-case hexadecimal digits; -1 where they are something else. */
  addHex(text: Uint8Array, at = 0): number {
    if (text.length < at + 2 * ID_BYTES) return -1;
    if (this.#size * ID_BYTES === this.#ids.length) this.#grow();
    const to = this.#size * ID_BYTES;
    let faults = 0;
    for (let i = 0; i < ID_BYTES; i++) {
      const value = (DIGITS[text[at + 2 * i]!]! << 4) | DIGITS[text[at + 2 * i + 1]!]!;
      faults |= value;
      this.#ids[to + i] = value;
    }
    return faults < 0 ? -1 : this.#settle();
  }

  addText(hex: string): number {
    this.#write(hex);
    return this.#settle();
  }

  /** The position of the id that is 64 hexadecimal digits; -1 where it is not there. */
  find(hex: string): number {
    this.#write(hex);
    return this.#slots[this.#slotOfLast()]! - 1;
  }

  has(hex: string): boolean {
    return this.find(hex) >= 0;
  }

  /** The id at a position, as 64 hexadecimal digits. */
  hex(position: number): string {
    return view(this.#ids).toString("hex", position * ID_BYTES, (position + 1) * ID_BYTES);
  }

  *[Symbol.iterator](): Generator<string> {
    for (let position = 0; position < this.#size; position++) yield this.hex(position);
  }

  /** Puts the id behind the last one. */
  #write(hex: string): void {
    if (this.#size * ID_BYTES === this.#ids.length) this.#grow();
    const to = this.#size * ID_BYTES;
    for (let i = 0; i < ID_BYTES; i++) {
      this.#ids[to + i] = (DIGITS[hex.charCodeAt(2 * i)]! << 4) | DIGITS[hex.charCodeAt(2 * i + 1)]!;
    }
  }

  /** Makes the id behind the last one the last one, unless it is there. */
  #settle(): number {
    const slot = this.#slotOfLast();
    if (this.#slots[slot] === 0) this.#slots[slot] = ++this.#size;
    return this.#slots[slot]! - 1;
  }

  /** The slot of the id behind the last one: where it is, or the empty one where it belongs. */
  #slotOfLast(): number {
    const words = this.#words;
    const last = this.#size * 8;
    const mask = this.#slots.length - 1;
    for (let slot = words[last]! & mask;; slot = (slot + 1) & mask) {
      const position = this.#slots[slot]! - 1;
      if (position < 0 || this.#equalsLast(position * 8, last)) return slot;
    }
  }

  #equalsLast(other: number, last: number): boolean {
    const words = this.#words;
    for (let i = 0; i < 8; i++) if (words[other + i] !== words[last + i]) return false;
    return true;
  }

  #grow(): void {
    const ids = new Uint8Array(this.#ids.length * 2);
    ids.set(this.#ids);
    this.#ids = ids;
    this.#words = new Int32Array(ids.buffer);
    this.#slots = new Int32Array((ids.length / ID_BYTES) * SLOTS_PER_ID);
    const mask = this.#slots.length - 1;
    for (let position = 0; position < this.#size; position++) {
      let slot = this.#words[position * 8]! & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = position + 1;
    }
  }
}
