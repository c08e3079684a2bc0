import type { BlobKind } from "../model/names.ts";
import { giveContentsBack } from "../platform/memory.ts";

/** A connection that moves so many bytes a second takes a large blob about as soon as a thread fills it; over others more are to be on their way. */
const QUICK_BYTES_PER_SECOND = 60e6;
/** What the quickest blob counts for when the next one was slower: a busy processor delays one now and then. */
const QUICKEST_KEEPS = 0.9;

/** A buffer for one blob, and what the blob takes of the ring's room at most. */
export interface LentBuffer {
  readonly buffer: SharedArrayBuffer;
  readonly roomBytes: number;
}

export interface RingOptions {
  /** For how many buffers of `sizeBytes` there is room. */
  readonly count: number;
  readonly sizeBytes: number;
  /** Of buffers once they come back as they are needed, over a quick line, as long as one of `sizeBytes` has room beside. */
  readonly largeBytes?: number;
  /** The room while memory is short: enough for a large buffer for each who fills one, and one of `sizeBytes`. */
  readonly leastRoomBytes?: number;
  /** Whether memory is short; asked whenever a buffer is lent. */
  readonly isMemoryShort?: () => boolean;
}

/**
 * Buffers that go round within a room, which is smaller while memory is short; whoever finds none waits. This is what bounds memory and uploads
 * in flight. Blobs are large where
 * the line takes them as quickly as they come, which costs fewer requests, and smaller where they wait for it, so that more are on their way.
 * Threads share the buffers instead of giving them away: a thread that is given 16 MiB takes it for new memory, and collects all its garbage.
 */
export class BufferRing {
  readonly #sizeBytes: number;
  readonly #largeBytes: number;
  readonly #ampleBytes: number;
  readonly #leastBytes: number;
  readonly #isMemoryShort: () => boolean;
  #lentBytes = 0;
  /** Of the quickest blob of late, in bytes a second. */
  #rate = 0;
  /** Whether the last buffer came back over a quick line, and no one waits for one. */
  #isQuick = false;
  readonly #free: SharedArrayBuffer[] = [];
  /** Free as well, and their memory is the system's until they are used again. */
  readonly #empty: SharedArrayBuffer[] = [];
  readonly #waiting: ((roomBytes: number) => void)[] = [];

  constructor({ count, sizeBytes, ...options }: RingOptions) {
    this.#sizeBytes = sizeBytes;
    this.#largeBytes = options.largeBytes ?? sizeBytes;
    this.#ampleBytes = count * sizeBytes;
    this.#leastBytes = options.leastRoomBytes ?? this.#ampleBytes;
    this.#isMemoryShort = options.isMemoryShort ?? (() => false);
  }

  /** A buffer of its room, or of `leastBytes` where that is more. */
  async take(leastBytes = 0): Promise<LentBuffer> {
    const roomBytes = this.#hasRoom ? this.#reserve() : await this.#wait();
    if (leastBytes > roomBytes) return { buffer: new SharedArrayBuffer(leastBytes), roomBytes };
    return { buffer: this.#bufferOf(roomBytes), roomBytes };
  }

  /** Until buffers are taken again, those that are free keep no memory. */
  rest(): void {
    this.#rate = 0;
    this.#isQuick = false;
    this.#free.forEach(giveContentsBack);
  }

  /** A connection took what was in it at `bytesPerSecond`, if it took it. */
  give({ buffer, roomBytes }: LentBuffer, bytesPerSecond = 0): void {
    this.#lentBytes -= roomBytes;
    this.#rate = Math.max(bytesPerSecond, this.#rate * QUICKEST_KEEPS);
    this.#isQuick = this.#rate >= QUICK_BYTES_PER_SECOND && this.#waiting.length === 0;
    if (buffer.byteLength === roomBytes) this.#free.push(buffer);
    while (this.#waiting.length > 0 && this.#hasRoom) this.#waiting.shift()!(this.#reserve());
  }

  get #roomBytes(): number {
    return this.#isMemoryShort() ? this.#leastBytes : this.#ampleBytes;
  }

  get #hasRoom(): boolean {
    return this.#lentBytes + this.#sizeBytes <= this.#roomBytes;
  }

  #wait(): Promise<number> {
    this.#isQuick = false;
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  #reserve(): number {
    const isAmple = this.#lentBytes + this.#largeBytes + this.#sizeBytes <= this.#roomBytes;
    const roomBytes = this.#isQuick && isAmple ? this.#largeBytes : this.#sizeBytes;
    this.#lentBytes += roomBytes;
    return roomBytes;
  }

  #bufferOf(bytes: number): SharedArrayBuffer {
    const buffer = takeOf(this.#free, bytes) ?? takeOf(this.#empty, bytes) ?? new SharedArrayBuffer(bytes);
    const roomBytes = this.#roomBytes;
    while (this.#free.length > 0 && this.#lentBytes + sizeOf(this.#free) > roomBytes) {
      const other = this.#free.shift()!;
      giveContentsBack(other);
      this.#empty.push(other);
    }
    return buffer;
  }
}

function takeOf(buffers: SharedArrayBuffer[], bytes: number): SharedArrayBuffer | undefined {
  const at = buffers.findLastIndex(({ byteLength }) => byteLength === bytes);
  return at < 0 ? undefined : buffers.splice(at, 1)[0];
}

function sizeOf(buffers: readonly SharedArrayBuffer[]): number {
  return buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** The buffers of each kind of blob. */
export type BlobBuffers = Readonly<Record<BlobKind, BufferRing>>;
