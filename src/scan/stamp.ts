/**
 * Stamp of an entry: inode, size, ctime and mtime as the kernel wrote them. Two equal stamps of one path mean an unchanged entry.
 */
export const STAMP_BYTES = 40;

const INODE_AND_SIZE = 32;
const CTIME = 96;
const MTIME = 112;

/** High byte of the nanoseconds of ctime: the kernel leaves its first bit free. */
const DISTRUST_AT = 27;
const DISTRUST = 0x80;

/** The kernel's clock for times of files ticks this slowly. */
const CLOCK_TICK_MS = 50;
/** Old ext4, ext3, HFS+ and SFTP keep whole seconds, FAT every other one. */
const COARSE_TICK_MS = 2_000;

/** Whether an entry that was changed at `ctimeMs` may have been changed again since it was looked at, at `lookedMs` or later, without another time. */
export function mayChangeUnseen(ctimeMs: number, lookedMs: number): boolean {
  const coarse = ctimeMs % 1000 === 0 ? COARSE_TICK_MS : 0;
  return lookedMs - ctimeMs < coarse + CLOCK_TICK_MS;
}

/** Copies the stamp in stat record `stat` to `into` at `at`. */
export function copyStamp(stat: Uint8Array, into: Uint8Array, at: number): void {
  for (let i = 0; i < 16; i++) into[at + i] = stat[INODE_AND_SIZE + i]!;
  for (let i = 0; i < 12; i++) into[at + 16 + i] = stat[CTIME + i]!;
  for (let i = 0; i < 12; i++) into[at + 28 + i] = stat[MTIME + i]!;
}

/** Whether the stamp in `stamps` at `at` is the stamp in stat record `stat`. */
export function isStamp(stat: Uint8Array, stamps: Uint8Array, at = 0): boolean {
  return hasInodeAndSize(stat, stamps, at) && hasTimes(stat, stamps, at, stamps[at + DISTRUST_AT]!);
}

/** Makes `stamp` one that no entry has: the next backup finds a changed entry there, and looks at it again. */
export function distrustStamp(stamp: Uint8Array): void {
  stamp[DISTRUST_AT]! |= DISTRUST;
}

/** As {@link isStamp}, of an entry that was distrusted as well. */
export function wasStamp(stat: Uint8Array, stamp: Uint8Array): boolean {
  return hasInodeAndSize(stat, stamp, 0) && hasTimes(stat, stamp, 0, stamp[DISTRUST_AT]! & ~DISTRUST);
}

/** Whether `stamp` is one of the same inode as stat record `stat`. */
export function isInode(stat: Uint8Array, stamp: Uint8Array): boolean {
  for (let i = 0; i < 8; i++) if (stamp[i] !== stat[INODE_AND_SIZE + i]) return false;
  return true;
}

/** Size of the file that has the stamp in `stamps` at `at`. */
export function stampSize(stamps: Uint8Array, at: number): number {
  let size = 0;
  for (let i = at + 15; i >= at + 8; i--) size = size * 256 + stamps[i]!;
  return size;
}

export function inodeOf(stamp: Uint8Array): bigint {
  return new DataView(stamp.buffer, stamp.byteOffset).getBigUint64(0, true);
}

function hasInodeAndSize(stat: Uint8Array, stamps: Uint8Array, at: number): boolean {
  for (let i = 0; i < 16; i++) if (stamps[at + i] !== stat[INODE_AND_SIZE + i]) return false;
  return true;
}

function hasTimes(stat: Uint8Array, stamps: Uint8Array, at: number, distrustByte: number): boolean {
  if (stat[CTIME + DISTRUST_AT - 16] !== distrustByte) return false;
  for (let i = 0; i < 11; i++) if (stamps[at + 16 + i] !== stat[CTIME + i]) return false;
  for (let i = 0; i < 12; i++) if (stamps[at + 28 + i] !== stat[MTIME + i]) return false;
  return true;
}
