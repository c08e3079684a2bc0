import { c, isPortable } from "./libc.ts";

const M_ARENA_MAX = -8;
const ARENAS = 1;
export const MADV_DONTNEED = 4;
/** Or a multiple of the system's pages. */
const PAGE_BYTES = 65536;

/**
 * To be called before threads are started: glibc gives each an arena of its own, and what one has freed stays with it, which costs a
 * backup 25 MiB. See mallopt(3).
 */
export function shareArenas(): void {
  c.mallopt(M_ARENA_MAX, ARENAS);
}

/** Of this process: what it has in memory at this moment, its program's pages included. */
export function residentBytes(): number {
  return Deno.memoryUsage().rss;
}

/** Gives memory that this process does not use any more back to the system, before a long pause: the C library would keep it. */
export function giveMemoryBack(): void {
  c.malloc_trim(0n);
}

/**
 * Collects the garbage of this thread before a long pause, where V8 lets us (`--expose-gc`). It does not count what threads share, and would
 * let tens of megabytes wait.
 */
export function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

/**
 * Where `bytes` are in memory, as long as someone has them. V8 keeps up to 64 bytes within its own memory, where it moves them, until their
 * buffer is asked for.
 */
export function addressOf({ buffer, byteOffset }: Uint8Array): bigint {
  const whole = new Uint8Array(buffer as ArrayBuffer);
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(whole)) + BigInt(byteOffset);
}

/** Gives the memory of a buffer back to the system, but for its edges, and keeps the buffer: what was in it is lost. */
export function giveContentsBack(buffer: SharedArrayBuffer): void {
  if (isPortable) return;
  const bytes = new Uint8Array(buffer as ArrayBufferLike as ArrayBuffer);
  const first = Number(-addressOf(bytes) & BigInt(PAGE_BYTES - 1));
  const length = (bytes.length - first) & -PAGE_BYTES;
  if (length > 0) c.madvise(bytes.subarray(first), BigInt(length), MADV_DONTNEED);
}
