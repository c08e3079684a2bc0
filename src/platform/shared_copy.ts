import { isPortable, libc } from "./libc.ts";

const calls = libc({ memcpy: { parameters: ["buffer", "buffer", "usize"], result: "void" } });

/**
 * Copies `from` into `to` at `at`. Into memory that threads share V8 copies byte by byte, as others may look at it meanwhile, which takes
 * several times as long: for those who have it alone until it is there. Throws `RangeError` where there is no room.
 */
export function copyBytes(from: Uint8Array, to: Uint8Array, at: number): void {
  if (isPortable || !(to.buffer instanceof SharedArrayBuffer)) return to.set(from, at);
  if (at < 0 || at + from.length > to.length) throw new RangeError("The bytes do not fit");
  if (from.length === 0) return;
  calls().memcpy(
    to.subarray(at) as Uint8Array<ArrayBuffer>,
    from as Uint8Array<ArrayBuffer>,
    BigInt(from.length),
  );
}
