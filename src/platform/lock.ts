import { c, cString, errno, O_CLOEXEC, O_CREAT, O_NOFOLLOW, O_WRONLY } from "./libc.ts";
import { SystemError } from "./read.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = 11;

/**
 * Takes the lock on the file at `path`, which is made where it is not there; `undefined` where another process has it. It is held
 * until it is disposed of or the process ends, however it ends. Throws `SystemError`.
 */
export function tryLock(path: string): Disposable | undefined {
  const fd = c.open(cString(path), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600);
  if (fd < 0) throw new SystemError(errno());
  if (c.flock(fd, LOCK_EX | LOCK_NB) === 0) return { [Symbol.dispose]: () => void c.close(fd) };
  const code = errno();
  c.close(fd);
  if (code === EWOULDBLOCK) return undefined;
  throw new SystemError(code);
}
