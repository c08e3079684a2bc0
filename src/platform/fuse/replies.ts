// What a file system answers to the kernel: linux/fuse.h, version 7.31.

const HEADER_BYTES = 16;
const ATTRIBUTES_BYTES = 88;
const ENTRY_BYTES = 40 + ATTRIBUTES_BYTES;
const DIRENT_BYTES = 24;
const NS_PER_S = 1_000_000_000n;

/** Most bytes that one read asks for, in the kernel's pages and as a number. */
const MAX_PAGES = 256;
export const READ_BYTES_MAX = MAX_PAGES * 4096;
/** So that a request is answered while the next ones wait. */
const READS_AHEAD = 4;
/** Most that the kernel may read ahead. */
export const READ_AHEAD_BYTES = READS_AHEAD * READ_BYTES_MAX;
/** As small as the kernel lets it be: nothing is written. */
const MAX_WRITE_BYTES = 4096;

/** What the kernel may do; it uses what both sides know. */
const FLAGS = (1 << 0) | // several reads of one file at a time
  (1 << 13) | (1 << 14) | // entries of directories with their attributes, where that seems useful
  (1 << 17) | // files need not be opened
  (1 << 18) | // several lookups in one directory at a time
  (1 << 22) | // large reads
  (1 << 23); // symlinks are cached
/** Reads ahead that the kernel makes at a time. */
const MAX_BACKGROUND = 64;

/** Attributes as the kernel wants them. */
export interface FuseAttributes {
  readonly id: number;
  readonly size: number;
  /** Bytes that are no hole. */
  readonly dataBytes: number;
  /** Nanoseconds since 1970, decimal. */
  readonly mtime: string;
  /** Type and permissions. */
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly device?: readonly [number, number];
}

/** A reply without contents; `error` is the errno. */
export function errorReply(unique: number, error = 0): Uint8Array<ArrayBuffer> {
  return new Reply(unique, 0, error).bytes;
}

/** The head of a reply whose contents of `length` bytes follow. */
export function headReply(unique: number, length: number): Uint8Array<ArrayBuffer> {
  const head = new Reply(unique, 0);
  head.u32(-HEADER_BYTES, HEADER_BYTES + length);
  return head.bytes;
}

/** What this file system can do, given what the kernel says in its first request. */
export function initReply(
  unique: number,
  kernel: { readonly maxReadahead: number; readonly flags: number },
): Uint8Array<ArrayBuffer> {
  const reply = new Reply(unique, 64);
  reply.u32(0, 7);
  reply.u32(4, 31);
  // The kernel takes the least of this and what is set for the mount by then: what it says itself is its default of 128 KiB.
  reply.u32(8, Math.max(kernel.maxReadahead, READ_AHEAD_BYTES));
  reply.u32(12, kernel.flags & FLAGS);
  reply.u16(16, MAX_BACKGROUND);
  reply.u16(18, (MAX_BACKGROUND * 3) / 4);
  reply.u32(20, MAX_WRITE_BYTES);
  reply.u32(24, 1);
  reply.u16(28, MAX_PAGES);
  return reply.bytes;
}

/** `lifetime` in seconds: for so long the kernel needs not ask again. */
export function attributesReply(
  unique: number,
  attributes: FuseAttributes,
  lifetime: number,
): Uint8Array<ArrayBuffer> {
  const reply = new Reply(unique, 16 + ATTRIBUTES_BYTES);
  reply.u64(0, lifetime);
  reply.attributes(16, attributes);
  return reply.bytes;
}

/** An answer to a lookup; `undefined`: there is nothing of that name. */
export function entryReply(
  unique: number,
  attributes: FuseAttributes | undefined,
  lifetime: number,
): Uint8Array<ArrayBuffer> {
  const reply = new Reply(unique, ENTRY_BYTES);
  if (attributes === undefined) reply.u64(16, lifetime);
  else reply.entry(0, attributes, lifetime);
  return reply.bytes;
}

/** A directory is open; `isCached`: it stays as the kernel has it. */
export function openDirectoryReply(unique: number, isCached: boolean): Uint8Array<ArrayBuffer> {
  const reply = new Reply(unique, 16);
  reply.u32(8, isCached ? (1 << 1) | (1 << 3) : 0);
  return reply.bytes;
}

export function statfsReply(unique: number): Uint8Array<ArrayBuffer> {
  const reply = new Reply(unique, 80);
  reply.u32(40, 4096);
  reply.u32(44, 255);
  reply.u32(48, 4096);
  return reply.bytes;
}

/** Only the size of what was asked for. */
export function sizeReply(unique: number, size: number): Uint8Array<ArrayBuffer> {
  const reply = new Reply(unique, 8);
  reply.u32(0, size);
  return reply.bytes;
}

export function offsetReply(unique: number, offset: number): Uint8Array<ArrayBuffer> {
  const reply = new Reply(unique, 8);
  reply.u64(0, offset);
  return reply.bytes;
}

/** An entry of a directory; `next` is given back to go on behind it. */
export interface FuseDirent {
  /** Bytes as a path's. */
  readonly name: string;
  readonly next: number;
  /** Absent for `.` and `..`. */
  readonly attributes?: FuseAttributes;
}

/** Entries of a directory as far as the kernel has room for them. */
export class DirectoryReply {
  readonly #reply: Reply;
  readonly #size: number;
  readonly #plus: boolean;
  #at = 0;

  /** `plus`: with the attributes of each. */
  constructor(unique: number, size: number, plus: boolean) {
    this.#reply = new Reply(unique, size);
    this.#size = size;
    this.#plus = plus;
  }

  /** False where the entry does not fit any more. */
  add({ name, next, attributes }: FuseDirent, lifetime: number): boolean {
    const dirent = this.#plus ? ENTRY_BYTES : 0;
    const bytes = dirent + DIRENT_BYTES + Math.ceil(name.length / 8) * 8;
    if (this.#at + bytes > this.#size) return false;
    if (this.#plus && attributes !== undefined) this.#reply.entry(this.#at, attributes, lifetime);
    const at = this.#at + dirent;
    this.#reply.u64(at, attributes?.id ?? 1);
    this.#reply.u64(at + 8, next);
    this.#reply.u32(at + 16, name.length);
    this.#reply.u32(at + 20, (attributes?.mode ?? 0o40000) >>> 12);
    this.#reply.latin1(at + DIRENT_BYTES, name);
    this.#at += bytes;
    return true;
  }

  get isEmpty(): boolean {
    return this.#at === 0;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#reply.cut(this.#at);
  }
}

/** A reply as it is written; places are counted from behind the head. */
class Reply {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(unique: number, length: number, error = 0) {
    this.bytes = new Uint8Array(HEADER_BYTES + length);
    this.#view = new DataView(this.bytes.buffer);
    this.u32(-16, this.bytes.length);
    this.#view.setInt32(4, -error, true);
    this.u64(-8, unique);
  }

  cut(length: number): Uint8Array<ArrayBuffer> {
    this.u32(-16, HEADER_BYTES + length);
    return this.bytes.subarray(0, HEADER_BYTES + length);
  }

  u16(at: number, value: number): void {
    this.#view.setUint16(HEADER_BYTES + at, value, true);
  }

  u32(at: number, value: number): void {
    this.#view.setUint32(HEADER_BYTES + at, value, true);
  }

  /** Also negative numbers, as the kernel's signed ones. */
  u64(at: number, value: number): void {
    this.u32(at, value % 2 ** 32);
    this.u32(at + 4, Math.floor(value / 2 ** 32));
  }

  latin1(at: number, text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[HEADER_BYTES + at + i] = text.charCodeAt(i);
  }

  entry(at: number, attributes: FuseAttributes, lifetime: number): void {
    this.u64(at, attributes.id);
    this.u64(at + 16, lifetime);
    this.u64(at + 24, lifetime);
    this.attributes(at + 40, attributes);
  }

  attributes(
    at: number,
    { id, size, dataBytes, mtime, mode, links, uid, gid, device }: FuseAttributes,
  ): void {
    const [seconds, nanoseconds] = splitTime(mtime);
    this.u64(at, id);
    this.u64(at + 8, size);
    this.u64(at + 16, Math.ceil(dataBytes / 512));
    for (let i = 0; i < 3; i++) {
      this.u64(at + 24 + 8 * i, seconds);
      this.u32(at + 48 + 4 * i, nanoseconds);
    }
    this.u32(at + 60, mode);
    this.u32(at + 64, links);
    this.u32(at + 68, uid);
    this.u32(at + 72, gid);
    this.u32(at + 76, device === undefined ? 0 : encodeDevice(device));
    this.u32(at + 80, 4096);
  }
}

/** Seconds and the nanoseconds behind them, which are never negative. */
function splitTime(time: string): [seconds: number, nanoseconds: number] {
  const ns = BigInt(time);
  const rest = ((ns % NS_PER_S) + NS_PER_S) % NS_PER_S;
  return [Number((ns - rest) / NS_PER_S), Number(rest)];
}

/** As `new_encode_dev` of the kernel. */
function encodeDevice([major, minor]: readonly [number, number]): number {
  return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
}
