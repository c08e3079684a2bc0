/** Bytes from `at` on that no one has. */
interface Gap {
  at: number;
  length: number;
}

/**
 * A fixed piece of memory that threads share, lent out in parts of any length: what bounds them all together. Parts are used again
 * and again, where fresh buffers would each cost page faults and garbage collections. Of one thread; others give parts back through it.
 * Parts begin `grain` bytes apart, so that what one leaves is enough for another of about its length, and nothing is split into useless gaps.
 */
export class SharedArena {
  readonly size: number;
  readonly #memory: SharedArrayBuffer;
  readonly #grain: number;
  /** In their order, none beside another. */
  readonly #gaps: Gap[];
  /** Lengths of the parts that are lent, by where they begin. */
  readonly #lent = new Map<number, number>();
  readonly #waiting: { readonly length: number; readonly begin: (part: Uint8Array) => void }[] = [];

  /** What of `memory` is no whole grain is not used. */
  constructor(memory: SharedArrayBuffer, grain = 1) {
    this.size = memory.byteLength - memory.byteLength % grain;
    this.#memory = memory;
    this.#grain = grain;
    this.#gaps = [{ at: 0, length: this.size }];
  }

  /** `length` bytes with anything in them, as soon as that many are free side by side, in the order of asking. Throws `RangeError` for more than there are. */
  async take(length: number): Promise<Uint8Array> {
    if (length > this.size) throw new RangeError(`${length} bytes of ${this.size}`);
    return this.takeNow(length) ?? await new Promise((begin) => this.#waiting.push({ length, begin }));
  }

  /** As {@link take}, but `undefined` where there is none now. */
  takeNow(length: number): Uint8Array | undefined {
    return this.#waiting.length === 0 ? this.#find(length) : undefined;
  }

  /** Takes back what {@link take} gave. Throws for anything but a whole part that is lent: two would get the same bytes. */
  give({ byteOffset: at, length }: Uint8Array): void {
    if (this.#lent.get(at) !== length) throw new Error(`Bug: no ${length} bytes at ${at} are lent`);
    this.#lent.delete(at);
    let i = this.#gaps.findIndex((gap) => gap.at > at);
    if (i < 0) i = this.#gaps.length;
    const before = this.#gaps[i - 1];
    const gap = before !== undefined && before.at + before.length === at ? before : { at, length: 0 };
    if (gap !== before) this.#gaps.splice(i++, 0, gap);
    gap.length += this.#roomFor(length);
    const after = this.#gaps[i];
    if (after !== undefined && gap.at + gap.length === after.at) {
      gap.length += after.length;
      this.#gaps.splice(i, 1);
    }
    this.#wake();
  }

  #roomFor(length: number): number {
    return Math.ceil(length / this.#grain) * this.#grain;
  }

  #find(length: number): Uint8Array | undefined {
    const room = this.#roomFor(length);
    const i = this.#gaps.findIndex((gap) => gap.length >= room);
    if (i < 0) return undefined;
    const gap = this.#gaps[i]!;
    this.#lent.set(gap.at, length);
    const part = new Uint8Array(this.#memory, gap.at, length);
    gap.at += room;
    gap.length -= room;
    if (gap.length === 0) this.#gaps.splice(i, 1);
    return part;
  }

  #wake(): void {
    while (this.#waiting.length > 0) {
      const part = this.#find(this.#waiting[0]!.length);
      if (part === undefined) return;
      this.#waiting.shift()!.begin(part);
    }
  }
}
