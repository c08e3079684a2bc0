import { AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW, c, cString } from "./libc.ts";

const S_IFMT = 0o170000;
export const S_IFIFO = 0o010000;
export const S_IFCHR = 0o020000;
export const S_IFDIR = 0o040000;
export const S_IFBLK = 0o060000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;
export const S_IFSOCK = 0o140000;

/** Bytes of a stat record: the front of Linux's `struct statx`, up to and with the device number. */
export const STAT_BYTES = 144;
/** A stat record in words of 32 bits, as it is copied fastest. */
export const STAT_WORDS = STAT_BYTES / 4;
const STATX_BUFFER_BYTES = 256;
const STATX_BASIC_AND_BIRTH = 0xfff;
const STATX_BIRTH = 0x800;

const CTIME = 96;
const MTIME = 112;

const EMPTY = cString("");

export interface MadeStat {
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole milliseconds since 1970, not before. */
  readonly timeMs: number;
}

/**
 * A reusable stat record and its reader. The record is the kernel's own layout, so that saving one is a copy of
 * {@link STAT_BYTES} bytes and comparing two stamps is a comparison of bytes.
 */
export class Stat {
  readonly bytes = new Uint8Array(STATX_BUFFER_BYTES);
  readonly #view = new DataView(this.bytes.buffer);
  readonly #words = new Uint32Array(this.bytes.buffer);

  /** Fills the record as that of something that no file system has: it has no inode, and all its times are `timeMs`. */
  make({ mode, uid, gid, timeMs }: MadeStat): this {
    this.bytes.fill(0);
    const view = this.#view;
    view.setUint32(16, 1, true);
    view.setUint32(20, uid, true);
    view.setUint32(24, gid, true);
    view.setUint16(28, mode, true);
    const nanoseconds = timeMs % 1000 * 1e6;
    for (const at of [CTIME, MTIME]) {
      view.setBigInt64(at, BigInt(Math.floor(timeMs / 1000)), true);
      view.setUint32(at + 8, nanoseconds, true);
    }
    return this;
  }

  /** Fills the record for `name` (NUL at its end) in `directory`, not following a link. False: see `errno()`. */
  at(directory: number, name: Uint8Array<ArrayBuffer>): boolean {
    const flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
    return c.statx(directory, name, flags, STATX_BASIC_AND_BIRTH, this.bytes) === 0;
  }

  /** Fills the record for an open file. */
  of(file: number): boolean {
    return c.statx(file, EMPTY, AT_EMPTY_PATH, STATX_BASIC_AND_BIRTH, this.bytes) === 0;
  }

  /** Writes the record's {@link STAT_WORDS} to `into` at `at`. */
  save(into: Uint32Array, at: number): void {
    const words = this.#words;
    for (let i = 0; i < STAT_WORDS; i++) into[at + i] = words[i]!;
  }

  /** Takes the record saved in `saved` at `at`. */
  load(saved: Uint8Array, at = 0): this {
    for (let i = 0; i < STAT_BYTES; i++) this.bytes[i] = saved[at + i]!;
    return this;
  }

  get linkCount(): number {
    return this.#view.getUint32(16, true);
  }
  get uid(): number {
    return this.#view.getUint32(20, true);
  }
  get gid(): number {
    return this.#view.getUint32(24, true);
  }
  /** Type and permission bits. */
  get mode(): number {
    return this.#view.getUint16(28, true);
  }
  get type(): number {
    return this.mode & S_IFMT;
  }
  get inode(): bigint {
    return this.#view.getBigUint64(32, true);
  }
  get size(): number {
    return this.#view.getUint32(40, true) + this.#view.getUint32(44, true) * 2 ** 32;
  }
  /** Allocated, in units of 512 bytes. */
  get blocks(): number {
    return this.#view.getUint32(48, true) + this.#view.getUint32(52, true) * 2 ** 32;
  }
  /** When the file was made, in the kernel's seconds and nanoseconds; `undefined` where the file system does not keep it. */
  get birthTime(): string | undefined {
    if ((this.#view.getUint32(0, true) & STATX_BIRTH) === 0) return undefined;
    return `${this.#view.getBigInt64(80, true)}.${this.#view.getUint32(88, true)}`;
  }
  get ctimeMs(): number {
    const seconds = this.#view.getInt32(100, true) * 2 ** 32 + this.#view.getUint32(96, true);
    return seconds * 1000 + this.#view.getUint32(104, true) / 1e6;
  }
  /** Nanoseconds since 1970, decimal. */
  get mtime(): string {
    const high = this.#view.getInt32(116, true);
    const nanoseconds = this.#view.getUint32(120, true);
    if (high === 0) {
      const seconds = this.#view.getUint32(112, true);
      return seconds === 0 ? String(nanoseconds) : seconds + String(nanoseconds).padStart(9, "0");
    }
    return String(this.#view.getBigInt64(112, true) * 1_000_000_000n + BigInt(nanoseconds));
  }
  /** Device numbers of a device node. */
  get device(): [number, number] {
    return [this.#view.getUint32(128, true), this.#view.getUint32(132, true)];
  }
  /** The file system that the entry is on. */
  get fileSystem(): number {
    return this.#view.getUint32(136, true) * 2 ** 32 + this.#view.getUint32(140, true);
  }
}
