import { c, cString, isPortable, libc, O_CLOEXEC, O_WRONLY } from "./libc.ts";
import { closeFile } from "./read.ts";

const calls = libc({ dup3: { parameters: ["i32", "i32", "i32"], result: "i32" } });

/**
 * Ends what is open as `fd`, which other threads may still use. What they do with it goes nowhere: the number stays taken for good, so that
 * it is never another file's.
 */
export function leadNowhere(fd: number): void {
  // Each thread has numbers of its own.
  if (isPortable) return closeFile(fd);
  const nowhere = c.open(cString("/dev/null"), O_WRONLY | O_CLOEXEC, 0);
  // Without it the file stays open.
  if (nowhere < 0) return;
  calls().dup3(nowhere, fd, O_CLOEXEC);
  closeFile(nowhere);
}
