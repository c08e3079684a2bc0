/**
 * Says of keys that are themselves hashes whether they were surely never added (Bloom 1970; the hashes are words of the key, after
 * Kirsch and Mitzenmacher 2006). With 10 bits a key one in a hundred answers is a false "maybe".
 */
export class BloomFilter {
  readonly #words: Uint32Array;
  readonly #mask: number;

  /** `bits` is a power of two, at least 32. */
  constructor(bits: number) {
    this.#words = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  /** Adds the key that begins at `keys[at]`. */
  add(keys: Uint8Array, at = 0): void {
    for (let i = 0; i < 4; i++) {
      const bit = this.#bit(keys, at + i * 4);
      this.#words[bit >>> 5]! |= 1 << (bit & 31);
    }
  }

  mayHave(keys: Uint8Array, at = 0): boolean {
    for (let i = 0; i < 4; i++) {
      const bit = this.#bit(keys, at + i * 4);
      if ((this.#words[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  #bit(key: Uint8Array, at: number): number {
    return (key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24)) & this.#mask;
  }
}
