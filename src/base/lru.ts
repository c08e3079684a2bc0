/** Keeps values up to a total weight; what was used longest ago goes first. */
export class LruCache<Key, Value> {
  readonly #limit: number;
  readonly #onRemoved: (value: Value) => void;
  readonly #entries = new Map<Key, { readonly value: Value; readonly weight: number }>();
  #weight = 0;

  /** `onRemoved` is called for each value that goes, or is replaced. */
  constructor(limit: number, onRemoved: (value: Value) => void = () => {}) {
    this.#limit = limit;
    this.#onRemoved = onRemoved;
  }

  /** Sum of the weights of what is kept. */
  get weight(): number {
    return this.#weight;
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps `value` at least until the next call. */
  set(key: Key, value: Value, weight = 1): void {
    this.delete(key);
    for (const oldest of this.#entries.keys()) {
      if (this.#weight + weight <= this.#limit) break;
      this.delete(oldest);
    }
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
  }

  /** Removes what was used longest ago; false where there is nothing. */
  deleteOldest(): boolean {
    for (const oldest of this.#entries.keys()) {
      this.delete(oldest);
      return true;
    }
    return false;
  }

  delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
    this.#onRemoved(entry.value);
  }
}
