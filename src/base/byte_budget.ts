/** Bytes that may be in use at a time; who wants more waits, in the order of asking. */
export class ByteBudget {
  readonly #total: number;
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly begin: () => void }[] = [];

  constructor(bytes: number) {
    this.#total = bytes;
    this.#free = bytes;
  }

  /** Runs `work` while it has so many bytes; where that is more than there are at all, while it has all of them. */
  async use<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(bytes, this.#total);
    await this.#take(taken);
    try {
      return await work();
    } finally {
      this.#free += taken;
      this.#wake();
    }
  }

  async #take(bytes: number): Promise<void> {
    if (this.#waiting.length === 0 && bytes <= this.#free) return void (this.#free -= bytes);
    await new Promise<void>((begin) => this.#waiting.push({ bytes, begin }));
  }

  #wake(): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.bytes <= this.#free) {
      const { bytes, begin } = this.#waiting.shift()!;
      this.#free -= bytes;
      begin();
    }
  }
}
