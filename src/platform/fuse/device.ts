import { EAGAIN, EINTR, ENOENT, errno } from "../libc.ts";
import { leadNowhere } from "../nowhere.ts";
import { SystemError } from "../read.ts";
import { addressOf, fuseCalls } from "./calls.ts";

const ENODEV = 19;
const POLLIN = 1;
/** More pieces than one call takes are never made of what one read asks for. */
const PIECES_MAX = 1024;

type Bytes = Uint8Array<ArrayBuffer>;

const F_DUPFD_CLOEXEC = 1030;

/** The kernel's end of a mount, for another thread that writes to it. */
export class WriterEnd implements Disposable {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** What that thread may still write goes nowhere. */
  [Symbol.dispose](): void {
    leadNowhere(this.fd);
  }
}

/** The kernel's end of a mount. Once disposed it is like that of a mount that is gone: its number may be another file's. */
export class FuseDevice implements Disposable {
  readonly #fd: number;
  #isClosed = false;
  readonly #request = new Uint8Array(64 * 1024);
  readonly #iovec = new BigUint64Array(2 * PIECES_MAX);
  readonly #iovecBytes = new Uint8Array(this.#iovec.buffer);
  readonly #pollNow: Bytes;
  readonly #pollLater: Bytes;

  /** `fd` is not blocking, and belongs to the device from now on. */
  constructor(fd: number) {
    this.#fd = fd;
    [this.#pollNow, this.#pollLater] = [pollfd(fd), pollfd(fd)];
  }

  /** Whether it was disposed: no one waits for answers. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The next request, valid until the next call; `undefined` where none waits, "gone" when the mount is. Throws `SystemError`. */
  read(): Bytes | undefined | "gone" {
    for (;;) {
      if (this.#isClosed) return "gone";
      const length = fuseCalls.read(this.#fd, this.#request, BigInt(this.#request.length));
      if (length >= 0) return this.#request.subarray(0, length);
      const error = errno();
      if (error === EAGAIN) return undefined;
      if (error === ENODEV) return "gone";
      // ENOENT: the request was taken back.
      if (error !== EINTR && error !== ENOENT) throw new SystemError(error);
    }
  }

  /** Sends a reply, given in pieces. A request that is waited for no more, or a mount that is gone, is no error. Throws `SystemError`. */
  reply(pieces: readonly Uint8Array[]): void {
    if (this.#isClosed) return;
    pieces.forEach((piece, i) => {
      this.#iovec[2 * i] = addressOf(piece as Bytes);
      this.#iovec[2 * i + 1] = BigInt(piece.length);
    });
    for (;;) {
      if (fuseCalls.writev(this.#fd, this.#iovecBytes, pieces.length) >= 0) return;
      const error = errno();
      if (error === ENOENT || error === ENODEV) return;
      if (error !== EINTR && error !== EAGAIN) throw new SystemError(error);
    }
  }

  /** Whether a request waits; stops this thread for up to `ms`. */
  waitHere(ms: number): boolean {
    return fuseCalls.poll(this.#pollNow, 1n, ms) > 0;
  }

  /** Resolves when a request waits, or after `ms`. */
  async wait(ms: number): Promise<void> {
    await fuseCalls.pollLater(this.#pollLater, 1n, ms);
  }

  /** The same, for another thread. */
  writerEnd(): WriterEnd {
    return new WriterEnd(fuseCalls.fcntl(this.#fd, F_DUPFD_CLOEXEC, 0));
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    fuseCalls.close(this.#fd);
  }
}

function pollfd(fd: number): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setInt32(0, fd, true);
  new DataView(bytes.buffer).setInt16(4, POLLIN, true);
  return bytes;
}
