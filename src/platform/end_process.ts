import process from "node:process";
import { isPortable, libc } from "./libc.ts";
import { addressOf } from "./linux/library.ts";

const ends = libc({
  _exit: { parameters: ["i32"], result: "void" },
  alarm: { parameters: ["u32"], result: "u32" },
  // For the next such signal only: the one after it does again what it does by itself.
  sysv_signal: { parameters: ["i32", "pointer"], result: "pointer" },
});

const SIGALRM = 14;
/**
 * As a handler of signals `alarm` is given the number of the signal: the first SIGALRM asks for another one after 14 seconds, and that one
 * ends the process. In between a process that was stopped for long, and goes on, can show that it lives.
 */
let askAgain: Deno.PointerValue | undefined;

/** Ends the process where it is, whatever its threads are doing: on Linux nothing of the runtime is asked. */
export function endProcess(code: number): void {
  if (isPortable) (process as unknown as { reallyExit(code: number): void }).reallyExit(code);
  else ends()._exit(code);
}

/**
 * The kernel ends the process (SIGALRM) unless this is called again within so many whole seconds, and some more in case that the process was
 * stopped meanwhile; 0 calls it off. Without a C library there is no such alarm.
 */
export function endUnlessCalledWithin(seconds: number): void {
  if (isPortable) return;
  askAgain ??= addressOf("alarm");
  ends().sysv_signal(SIGALRM, askAgain);
  ends().alarm(seconds);
}
