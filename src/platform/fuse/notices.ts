import { EINTR, ENOENT, errno } from "../libc.ts";
import { fuseCalls } from "./calls.ts";

// What a file system tells the kernel unasked: linux/fuse.h, version 7.31.

const NOTIFY_STORE = 4;
/** Head, and what says where the bytes behind it belong. */
const STORE_HEAD_BYTES = 16 + 24;

/** Messages that put contents of files into the kernel's cache, one behind the other in one buffer. */
export class StoreNotices {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #length = 0;

  constructor(limitBytes: number) {
    this.#bytes = new Uint8Array(limitBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes of a file are still taken; negative where none are. */
  get room(): number {
    return this.#bytes.length - this.#length - STORE_HEAD_BYTES;
  }

  /** What is to be sent. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The whole contents of a node: `length` bytes in pieces. Throws `RangeError` for more than there is room for. */
  add(node: number, pieces: readonly Uint8Array[], length: number): void {
    const at = this.#length;
    this.#view.setUint32(at, STORE_HEAD_BYTES + length, true);
    this.#view.setInt32(at + 4, NOTIFY_STORE, true);
    this.#view.setBigUint64(at + 16, BigInt(node), true);
    this.#view.setUint32(at + 32, length, true);
    this.#length += STORE_HEAD_BYTES;
    for (const piece of pieces) {
      this.#bytes.set(piece, this.#length);
      this.#length += piece.length;
    }
  }
}

/**
 * Sends messages as {@link StoreNotices} makes them to the mount `fd`; nodes that the kernel does not know are passed over. It waits for reads
 * of the same nodes to be answered, so who answers them must be another thread. False where the mount takes none.
 */
export function sendNotices(fd: number, notices: Uint8Array<ArrayBuffer>): boolean {
  const view = new DataView(notices.buffer, notices.byteOffset, notices.byteLength);
  for (let at = 0; at < notices.length;) {
    const length = view.getUint32(at, true);
    const sent = fuseCalls.write(fd, notices.subarray(at, at + length), BigInt(length));
    const error = sent < 0 ? errno() : 0;
    if (error === EINTR) continue;
    if (error !== 0 && error !== ENOENT) return false;
    at += length;
  }
  return true;
}
