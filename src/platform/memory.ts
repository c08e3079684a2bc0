import { c } from "./libc.ts";

/**
 * Gives the memory that this thread does not use any more back to the system, before a long pause: V8 and the C library would keep it. Takes
 * some milliseconds.
 */
export function giveMemoryBack(): void {
  // There where V8 was started with --expose-gc, as the executable is.
  (globalThis as { readonly gc?: () => void }).gc?.();
  c.malloc_trim(0n);
}
