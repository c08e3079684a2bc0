/** A fixed number of buffers that go round; whoever finds none waits. This is what bounds memory and uploads in flight. */
export class BufferRing {
  readonly #free: ArrayBuffer[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #sizeBytes: number;
  #left: number;

  constructor(count: number, sizeBytes: number) {
    this.#left = count;
    this.#sizeBytes = sizeBytes;
  }

  /** A buffer of the ring's size, or of `leastBytes` where that is more. */
  async take(leastBytes = 0): Promise<ArrayBuffer> {
    if (this.#left === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#left--;
    const free = this.#free.pop();
    if (leastBytes > this.#sizeBytes) return new ArrayBuffer(leastBytes);
    return free ?? new ArrayBuffer(this.#sizeBytes);
  }

  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#sizeBytes) this.#free.push(buffer);
    const next = this.#waiting.shift();
    if (next !== undefined) next();
    else this.#left++;
  }
}
