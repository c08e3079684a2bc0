/** A fixed number of equal buffers that go round; whoever finds none waits. This is what bounds memory and uploads in flight. */
export class BufferRing {
  readonly #free: ArrayBuffer[] = [];
  readonly #waiting: ((buffer: ArrayBuffer) => void)[] = [];
  readonly #sizeBytes: number;
  #left: number;

  constructor(count: number, sizeBytes: number) {
    this.#left = count;
    this.#sizeBytes = sizeBytes;
  }

  take(): Promise<ArrayBuffer> {
    const free = this.#free.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (this.#left > 0) {
      this.#left--;
      return Promise.resolve(new ArrayBuffer(this.#sizeBytes));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(buffer: ArrayBuffer): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(buffer);
    else this.#free.push(buffer);
  }
}
