/** A larger beginning of an object is not kept. */
const BYTES_EACH = 1024 * 1024;
/** Of all that is kept. */
const BYTES_ALL = 8 * 1024 * 1024;

/** Beginnings of small objects that were fetched lately: pages and lists of pages of one blob are asked for one after the other. */
export class SmallObjects {
  /** By name, the one that was used last at the end. */
  readonly #kept = new Map<string, Uint8Array>();
  #bytes = 0;

  /** A copy of `length` bytes at `offset` of the object, where they are kept. */
  get(name: string, offset: number, length: number): Uint8Array | undefined {
    const bytes = this.#kept.get(name);
    if (bytes === undefined || offset + length > bytes.length) return undefined;
    this.#kept.delete(name);
    this.#kept.set(name, bytes);
    return bytes.slice(offset, offset + length);
  }

  /** Keeps a copy of what was fetched, where it is the beginning of the object and more than was kept of it. */
  add(name: string, offset: number, bytes: Uint8Array): void {
    const known = this.#kept.get(name);
    if (offset > 0 || bytes.length > BYTES_EACH || bytes.length <= (known?.length ?? 0)) return;
    this.#remove(name);
    this.#kept.set(name, bytes.slice());
    this.#bytes += bytes.length;
    while (this.#bytes > BYTES_ALL) this.#remove(this.#kept.keys().next().value!);
  }

  #remove(name: string): void {
    this.#bytes -= this.#kept.get(name)?.length ?? 0;
    this.#kept.delete(name);
  }
}
