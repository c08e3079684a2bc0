import { Buffer } from "node:buffer";
import { c, cString, EAGAIN, EINTR, errno, libc } from "./libc.ts";
import { checked, SystemError } from "./read.ts";

const watches = libc({
  inotify_init1: { parameters: ["i32"], result: "i32" },
  inotify_add_watch: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  inotify_rm_watch: { parameters: ["i32", "i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  // Waits on a thread of its own: errno is lost, and the buffer has to be kept alive by the caller.
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
});

export const IN_MODIFY = 0x2;
export const IN_ATTRIB = 0x4;
export const IN_CLOSE_WRITE = 0x8;
export const IN_MOVED_FROM = 0x40;
export const IN_MOVED_TO = 0x80;
export const IN_CREATE = 0x100;
export const IN_DELETE = 0x200;
export const IN_DELETE_SELF = 0x400;
export const IN_MOVE_SELF = 0x800;
export const IN_UNMOUNT = 0x2000;
export const IN_Q_OVERFLOW = 0x4000;
export const IN_IGNORED = 0x8000;
export const IN_ISDIR = 0x40000000;
const IN_ONLYDIR = 0x01000000;
const IN_DONT_FOLLOW = 0x02000000;
const IN_EXCL_UNLINK = 0x04000000;

const NONBLOCK_CLOEXEC = 0o2004000;
/** Everything that changes what a backup holds; CLOSE_WRITE for writers through memory, of whom the kernel tells nothing else. */
const WATCHED = IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE |
  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;

export interface InotifyEvent {
  /** The watch; -1 where events were lost. */
  readonly watch: number;
  readonly mask: number;
  /** Of the entry in the directory, as a byte string; empty where the event is about the directory itself. */
  readonly name: string;
}

const EVENT_HEAD = 16;
const POLLIN = 1;
const POLLFD_BYTES = 8;

/** Linux's inotify: one queue of events for any number of watched directories (not of what is below them). */
export class Inotify {
  readonly #fd: number;
  /** Ends a wait. */
  readonly #stop: number;
  readonly #events = Buffer.alloc(256 * 1024);
  readonly #polled = new Uint8Array(2 * POLLFD_BYTES);
  #waiting: Promise<boolean> | undefined;
  #isClosed = false;

  /** Throws `SystemError`: EMFILE where this user may have no more of them. */
  constructor() {
    this.#fd = checked(watches().inotify_init1(NONBLOCK_CLOEXEC));
    this.#stop = checked(watches().eventfd(0, NONBLOCK_CLOEXEC));
  }

  /** Watches the directory at `path` and gives the watch: that of before where the directory has one. Throws `SystemError`. */
  add(path: string): number {
    return checked(watches().inotify_add_watch(this.#fd, cString(path), WATCHED));
  }

  /** The kernel answers with an event, IN_IGNORED. */
  remove(watch: number): void {
    watches().inotify_rm_watch(this.#fd, watch);
  }

  /** A part of the events that wait; none where none do. */
  read(): InotifyEvent[] {
    const length = watches().read(this.#fd, this.#events, BigInt(this.#events.length));
    if (length < 0) {
      if (errno() === EAGAIN || errno() === EINTR) return [];
      throw new SystemError(errno());
    }
    const events: InotifyEvent[] = [];
    for (let at = 0; at < length; at += EVENT_HEAD + this.#events.readUInt32LE(at + 12)) {
      events.push(this.#event(at));
    }
    return events;
  }

  #event(at: number): InotifyEvent {
    const length = this.#events.readUInt32LE(at + 12);
    const start = at + EVENT_HEAD;
    const name = length === 0 ? "" : this.#events.toString("latin1", start, this.#events.indexOf(0, start));
    return { watch: this.#events.readInt32LE(at), mask: this.#events.readUInt32LE(at + 4), name };
  }

  /** True when events wait, false when closed. One wait at a time. */
  async wait(): Promise<boolean> {
    if (this.#isClosed) return false;
    this.#waiting = this.#poll();
    return await this.#waiting;
  }

  async #poll(): Promise<boolean> {
    const view = new DataView(this.#polled.buffer);
    for (const [i, fd] of [this.#fd, this.#stop].entries()) {
      view.setInt32(i * POLLFD_BYTES, fd, true);
      view.setInt32(i * POLLFD_BYTES + 4, POLLIN, true);
    }
    await watches().poll(this.#polled, 2n, -1);
    return !this.#isClosed;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    watches().write(this.#stop, new Uint8Array(new BigUint64Array([1n]).buffer), 8n);
    await this.#waiting;
    c.close(this.#fd);
    c.close(this.#stop);
  }
}
