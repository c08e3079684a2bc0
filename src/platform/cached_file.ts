import { AT_FDCWD, c, isPortable, libc, O_CLOEXEC, O_NONBLOCK, O_RDONLY } from "./libc.ts";
import { addressOf } from "./memory.ts";

/** Fails instead of waiting for a disk. */
const RWF_NOWAIT = 8;

const calls = libc({
  preadv2: { parameters: ["i32", "buffer", "i32", "i64", "i32"], result: "i32" },
});
const encoder = new TextEncoder();
const iovec = new BigUint64Array(2);
const iovecBytes = new Uint8Array(iovec.buffer);

/**
 * Fills `into` with the bytes of the file `path` from `offset` on where the kernel has all of them in memory; else returns false, and `into`
 * holds anything.
 */
export function readCached(path: string, offset: number, into: Uint8Array): boolean {
  if (isPortable || into.length === 0) return false;
  const fd = c.openat(AT_FDCWD, encoder.encode(path + "\0"), O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (fd < 0) return false;
  iovec[0] = addressOf(into);
  iovec[1] = BigInt(into.length);
  const read = calls().preadv2(fd, iovecBytes, 1, BigInt(offset), RWF_NOWAIT);
  c.close(fd);
  return read === into.length;
}
