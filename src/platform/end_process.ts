import { c } from "./libc.ts";

/** Ends the process where it is, whatever its threads are doing: nothing of the runtime is asked. */
export function endProcess(code: number): void {
  c._exit(code);
}

/** The kernel ends the process (SIGALRM) unless this is called again within so many whole seconds; 0 calls it off. */
export function endUnlessCalledWithin(seconds: number): void {
  c.alarm(seconds);
}
