import { c } from "./libc.ts";

const M_ARENA_MAX = -8;
const ARENAS = 1;

/**
 * To be called before threads are started: glibc gives each an arena of its own, and what one has freed stays with it, which costs a
 * backup 25 MiB. See mallopt(3).
 */
export function shareArenas(): void {
  c.mallopt(M_ARENA_MAX, ARENAS);
}

/** Gives memory that this process does not use any more back to the system, before a long pause: the C library would keep it. */
export function giveMemoryBack(): void {
  c.malloc_trim(0n);
}
