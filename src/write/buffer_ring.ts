import type { BlobKind } from "../model/names.ts";
import { giveContentsBack } from "../platform/memory.ts";

/** A connection that moves so many bytes a second takes a large blob about as soon as a thread fills it; over others more are to be on their way. */
const QUICK_BYTES_PER_SECOND = 60e6;
/** What the quickest blob counts for when the next one was slower: a busy processor delays one now and then. */
const QUICKEST_KEEPS = 0.9;

/** So many blobs may be on their way however short memory is. */
const LEAST_SENT = 2;

/** A buffer for one blob, and what the blob takes of the ring's room at most. */
export interface LentBuffer {
  readonly buffer: SharedArrayBuffer;
  readonly roomBytes: number;
  /** The how many-th it is of those lent: what comes back from another thread is another object. */
  readonly number: number;
}

export interface RingOptions {
  /** For how many buffers of `sizeBytes` there is room. */
  readonly count: number;
  readonly sizeBytes: number;
  /** Of buffers once they come back as they are needed, over a quick line, as long as one of `sizeBytes` has room beside. */
  readonly largeBytes?: number;
  /** Whether there is no memory for `bytes` more. */
  readonly isMemoryShort?: (bytes: number) => boolean;
}

/**
 * Buffers that go round within a fixed room; whoever finds none waits. This is what bounds memory and uploads in flight. While memory is short
 * less of the room is used: buffers that are free keep no memory, and few are lent before others come back. Blobs are large where
 * the line takes them as quickly as they come, which costs fewer requests, and smaller where they wait for it, so that more are on their way.
 * Threads share the buffers instead of giving them away: a thread that is given 16 MiB takes it for new memory, and collects all its garbage.
 */
export class BufferRing {
  readonly #sizeBytes: number;
  readonly #largeBytes: number;
  readonly #roomBytes: number;
  readonly #isMemoryShort: (bytes: number) => boolean;
  #lentBytes = 0;
  /** Of the quickest blob of late, in bytes a second. */
  #rate = 0;
  /** Whether the last buffer came back over a quick line, and no one waits for one. */
  #isQuick = false;
  readonly #free: SharedArrayBuffer[] = [];
  /** Free as well, and their memory is the system's until they are used again. */
  readonly #empty: SharedArrayBuffer[] = [];
  /** By the numbers of what is lent and not filled so far, the bytes that it will take of the system then. */
  readonly #unfilled = new Map<number, number>();
  /** The numbers of what is on its way. */
  readonly #sent = new Set<number>();
  #lentCount = 0;
  readonly #waiting: ((roomBytes: number) => void)[] = [];

  constructor({ count, sizeBytes, ...options }: RingOptions) {
    this.#sizeBytes = sizeBytes;
    this.#largeBytes = options.largeBytes ?? sizeBytes;
    this.#roomBytes = count * sizeBytes;
    this.#isMemoryShort = options.isMemoryShort ?? (() => false);
  }

  /** A buffer of its room, or of `leastBytes` where that is more. */
  async take(leastBytes = 0): Promise<LentBuffer> {
    const roomBytes = this.#waiting.length === 0 && this.#hasRoom ? this.#reserve() : await this.#wait();
    const number = ++this.#lentCount;
    return { buffer: this.#bufferOf(number, Math.max(roomBytes, leastBytes)), roomBytes, number };
  }

  /** The buffer has been filled, and what is in it is on its way. */
  sent({ number }: LentBuffer): void {
    this.#unfilled.delete(number);
    this.#sent.add(number);
  }

  /** Until buffers are taken again, those that are free keep no memory. */
  rest(): void {
    this.#rate = 0;
    this.#isQuick = false;
    while (this.#free.length > 0) this.#emptyOne();
  }

  /** A connection took what was in it at `bytesPerSecond`, if it took it. */
  give({ buffer, roomBytes, number }: LentBuffer, bytesPerSecond = 0): void {
    this.#lentBytes -= roomBytes;
    this.#unfilled.delete(number);
    this.#sent.delete(number);
    this.#rate = Math.max(bytesPerSecond, this.#rate * QUICKEST_KEEPS);
    this.#isQuick = this.#rate >= QUICK_BYTES_PER_SECOND && this.#waiting.length === 0;
    if (buffer.byteLength === roomBytes) this.#free.push(buffer);
    while (this.#waiting.length > 0 && this.#hasRoom) this.#waiting.shift()!(this.#reserve());
  }

  get #hasRoom(): boolean {
    if (this.#lentBytes + this.#sizeBytes > this.#roomBytes) return false;
    return this.#sent.size < LEAST_SENT || !this.#isShortOf(this.#sizeBytes);
  }

  /** Whether memory is short for `bytes` more, once all that is lent is filled and all that is free is emptied. */
  #isShortOf(bytes: number): boolean {
    return this.#isMemoryShort(bytes + this.#unfilledBytes - sizeOf(this.#free));
  }

  get #unfilledBytes(): number {
    return [...this.#unfilled.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  #wait(): Promise<number> {
    this.#isQuick = false;
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  #reserve(): number {
    const isAmple = this.#lentBytes + this.#largeBytes + this.#sizeBytes <= this.#roomBytes;
    const isLarge = this.#isQuick && isAmple && !this.#isShortOf(this.#largeBytes);
    const roomBytes = isLarge ? this.#largeBytes : this.#sizeBytes;
    this.#lentBytes += roomBytes;
    return roomBytes;
  }

  #bufferOf(number: number, bytes: number): SharedArrayBuffer {
    const filled = takeOf(this.#free, bytes);
    const buffer = filled ?? takeOf(this.#empty, bytes) ?? new SharedArrayBuffer(bytes);
    if (filled === undefined) this.#unfilled.set(number, bytes);
    while (this.#free.length > 0 && this.#keepsTooMuch) this.#emptyOne();
    return buffer;
  }

  /** A free buffer keeps no memory from now on. */
  #emptyOne(): void {
    const buffer = this.#free.shift()!;
    giveContentsBack(buffer);
    this.#empty.push(buffer);
  }

  get #keepsTooMuch(): boolean {
    return this.#lentBytes + sizeOf(this.#free) > this.#roomBytes || this.#isMemoryShort(this.#unfilledBytes);
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
