import { c } from "./libc.ts";

/** Gives memory that this process does not use any more back to the system, before a long pause: the C library would keep it. */
export function giveMemoryBack(): void {
  c.malloc_trim(0n);
}
