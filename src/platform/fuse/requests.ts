import { toLatin1 } from "../../base/bytes.ts";

// What the kernel asks of a file system: linux/fuse.h, version 7.31. Numbers are little-endian on every machine that this runs on.

const HEADER_BYTES = 40;

enum Op {
  lookup = 1,
  forget = 2,
  getattr = 3,
  readlink = 5,
  read = 15,
  statfs = 17,
  getxattr = 22,
  listxattr = 23,
  flush = 25,
  init = 26,
  opendir = 27,
  readdir = 28,
  releasedir = 29,
  interrupt = 36,
  destroy = 38,
  batchForget = 42,
  readdirplus = 44,
  lseek = 46,
}

/** What every request says: its number, which the reply repeats, and the node that it is about. */
interface Asked {
  readonly unique: number;
  readonly node: number;
}

/** A request that this file system answers. Names are bytes as a path's. */
export type FuseRequest =
  & Asked
  & (
    | { readonly op: "init"; readonly minor: number; readonly maxReadahead: number; readonly flags: number }
    | { readonly op: "lookup"; readonly name: string }
    | { readonly op: "getxattr"; readonly name: string; readonly size: number }
    | { readonly op: "listxattr"; readonly size: number }
    | { readonly op: "read"; readonly offset: number; readonly size: number }
    | { readonly op: "readdir"; readonly offset: number; readonly size: number }
    | { readonly op: "readdirplus"; readonly offset: number; readonly size: number }
    | { readonly op: "lseek"; readonly offset: number; readonly whence: number }
    | { readonly op: "interrupt"; readonly interrupted: number }
    | { readonly op: "getattr" | "readlink" | "statfs" | "opendir" | "releasedir" | "destroy" }
    /** No reply is expected. */
    | { readonly op: "forget" }
    /** All that a file system which cannot be written to needs not know. */
    | { readonly op: "other"; readonly opcode: number }
  );

/** Requests that say nothing but which node they are about. */
const PLAIN = new Map(
  [
    [Op.getattr, "getattr"],
    [Op.readlink, "readlink"],
    [Op.statfs, "statfs"],
    [Op.opendir, "opendir"],
    [Op.releasedir, "releasedir"],
    [Op.destroy, "destroy"],
  ] as const,
);

/** The request in `bytes`, of which nothing is kept. Throws `RangeError` where it is cut short. */
export function decodeRequest(bytes: Uint8Array): FuseRequest {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const opcode = view.getUint32(4, true);
  const asked = { unique: u64(view, 8), node: u64(view, 16) };
  const at = HEADER_BYTES;
  switch (opcode) {
    case Op.init:
      return {
        ...asked,
        op: "init",
        minor: view.getUint32(at + 4, true),
        maxReadahead: view.getUint32(at + 8, true),
        flags: view.getUint32(at + 12, true),
      };
    case Op.lookup:
      return { ...asked, op: "lookup", name: nameAt(bytes, at) };
    case Op.getxattr:
      return { ...asked, op: "getxattr", size: view.getUint32(at, true), name: nameAt(bytes, at + 8) };
    case Op.listxattr:
      return { ...asked, op: "listxattr", size: view.getUint32(at, true) };
    case Op.read:
      return { ...asked, op: "read", ...rangeAt(view, at) };
    case Op.readdir:
      return { ...asked, op: "readdir", ...rangeAt(view, at) };
    case Op.readdirplus:
      return { ...asked, op: "readdirplus", ...rangeAt(view, at) };
    case Op.lseek:
      return { ...asked, op: "lseek", offset: u64(view, at + 8), whence: view.getUint32(at + 16, true) };
    case Op.interrupt:
      return { ...asked, op: "interrupt", interrupted: u64(view, at) };
    case Op.forget:
    case Op.batchForget:
      return { ...asked, op: "forget" };
    default: {
      const op = PLAIN.get(opcode);
      return op === undefined ? { ...asked, op: "other", opcode } : { ...asked, op };
    }
  }
}

function rangeAt(view: DataView, at: number): { offset: number; size: number } {
  return { offset: u64(view, at + 8), size: view.getUint32(at + 16, true) };
}

/** Numbers of 2 ** 53 and more lose their last bits: none that this file system gives out is as large. */
function u64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

function nameAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  if (end < 0) throw new RangeError("A name has no end");
  return toLatin1(bytes.subarray(at, end));
}
