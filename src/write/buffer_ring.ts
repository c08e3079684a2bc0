import type { BlobKind } from "../model/names.ts";
import { giveContentsBack } from "../platform/memory.ts";

/**
 * A fixed number of buffers that go round; whoever finds none waits. This is what bounds memory and uploads in flight. Threads share them
 * instead of giving them away: a thread that is given 16 MiB takes it for new memory, and collects all its garbage.
 */
export class BufferRing {
  readonly #free: SharedArrayBuffer[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #sizeBytes: number;
  #left: number;

  constructor(count: number, sizeBytes: number) {
    this.#left = count;
    this.#sizeBytes = sizeBytes;
  }

  /** A buffer of the ring's size, or of `leastBytes` where that is more. */
  async take(leastBytes = 0): Promise<SharedArrayBuffer> {
    if (this.#left === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#left--;
    const free = this.#free.pop();
    if (leastBytes > this.#sizeBytes) return new SharedArrayBuffer(leastBytes);
    return free ?? new SharedArrayBuffer(this.#sizeBytes);
  }

  /** Until buffers are taken again, those that are free keep no memory. */
  rest(): void {
    this.#free.forEach(giveContentsBack);
  }

  give(buffer: SharedArrayBuffer): void {
    if (buffer.byteLength === this.#sizeBytes) this.#free.push(buffer);
    const next = this.#waiting.shift();
    if (next !== undefined) next();
    else this.#left++;
  }
}

/** The buffers of each kind of blob. */
export type BlobBuffers = Readonly<Record<BlobKind, BufferRing>>;
