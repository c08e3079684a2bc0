import type { BigIntStats } from "node:fs";

const MASK_BASIC = 0x7ff;
const MASK_BIRTH = 0x800;
const SECOND = 1_000_000_000n;

/** Writes `stat` to `into` as the record of statx(2). */
export function writeStatRecord(stat: BigIntStats, into: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  into.fill(0);
  view.setUint32(0, stat.birthtimeNs > 0n ? MASK_BASIC | MASK_BIRTH : MASK_BASIC, true);
  view.setUint32(16, Number(stat.nlink), true);
  view.setUint32(20, Number(stat.uid), true);
  view.setUint32(24, Number(stat.gid), true);
  view.setUint16(28, Number(stat.mode), true);
  view.setBigUint64(32, stat.ino, true);
  view.setBigUint64(40, stat.size, true);
  view.setBigUint64(48, stat.blocks, true);
  writeTime(view, 64, stat.atimeNs);
  writeTime(view, 80, stat.birthtimeNs);
  writeTime(view, 96, changeTime(stat.ctimeNs));
  writeTime(view, 112, stat.mtimeNs);
  writeDevice(view, 128, stat.rdev);
  writeDevice(view, 136, stat.dev);
}

/**
 * The runtime gives this in whole seconds. The end of that second stands for it, so that a file that was changed a moment ago looks as if
 * it were changed now, and is looked at again.
 */
function changeTime(ns: bigint): bigint {
  return ns % SECOND === 0n ? ns + SECOND - 1n : ns;
}

function writeTime(view: DataView, at: number, ns: bigint): void {
  const rest = ((ns % SECOND) + SECOND) % SECOND;
  view.setBigInt64(at, (ns - rest) / SECOND, true);
  view.setUint32(at + 8, Number(rest), true);
}

/** Major and minor number, as the system has them in one. */
function writeDevice(view: DataView, at: number, device: bigint): void {
  const number = BigInt.asUintN(64, device);
  const [major, minor] = Deno.build.os === "darwin" ? [(number >> 24n) & 0xffn, number & 0xffffffn] : [
    ((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn),
    (number & 0xffn) | ((number >> 12n) & ~0xffn),
  ];
  view.setUint32(at, Number(BigInt.asUintN(32, major)), true);
  view.setUint32(at + 4, Number(BigInt.asUintN(32, minor)), true);
}
