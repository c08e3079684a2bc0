import { delay } from "../base/clock.ts";
import { fromLatin1 } from "../base/bytes.ts";
import { PRIVATE_FILE } from "./durable_file.ts";
import { c, cString, errno, isPortable, O_CLOEXEC, O_CREAT, O_NOFOLLOW, O_WRONLY } from "./libc.ts";
import { checked, SystemError } from "./read.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const EWOULDBLOCK = 11;
/** The runtime can only wait for a lock: who does not get it by then does not get it. */
const PORTABLE_WAIT_MS = 2_000;

/**
 * Takes the lock on the file at `path` (bytes), which is made where it is not there; `undefined` where another process has it. It is held
 * until it is disposed of or the process ends, however it ends. Throws `SystemError`, or what Deno throws.
 */
export const tryLock: (path: string) => Promise<Disposable | undefined> = isPortable
  ? tryPortableLock
  : (path) => Promise.resolve().then(() => tryLinuxLock(path));

function tryLinuxLock(path: string): Disposable | undefined {
  const fd = checked(c.open(cString(path), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, PRIVATE_FILE));
  if (c.flock(fd, LOCK_EX | LOCK_NB) === 0) return { [Symbol.dispose]: () => void c.close(fd) };
  const code = errno();
  c.close(fd);
  if (code === EWOULDBLOCK) return undefined;
  throw new SystemError(code);
}

async function tryPortableLock(path: string): Promise<Disposable | undefined> {
  const file = await Deno.open(new TextDecoder().decode(fromLatin1(path)), {
    write: true,
    create: true,
    mode: PRIVATE_FILE,
  });
  const waited = new AbortController();
  const locked = file.lock(true).then(() => true, () => false);
  const isOurs = await Promise.race([
    locked,
    delay(PORTABLE_WAIT_MS, waited.signal).then(() => false, () => false),
  ]);
  waited.abort();
  if (isOurs) return file;
  void locked.then(() => file.close());
  return undefined;
}
