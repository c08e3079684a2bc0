import type { Entry, Place } from "./entry.ts";

/** Characters of a value that a message repeats. */
const SHOWN_MAX = 80;
const MODE_MAX = 0o7777;
const ID_MAX = 2 ** 32 - 1;
const DEVICE_MAX = 2 ** 32 - 1;
const MTIME = /^-?\d{1,20}$/;

/** What is wrong with a decoded entry that a restore is to make; `undefined` where nothing is. Who can encrypt to our key can make any. */
export function faultOf(entry: Entry): string | undefined {
  const { mode, uid, gid, mtime } = entry;
  if (!isWhole(mode, MODE_MAX)) return `its mode is ${shown(mode)}`;
  if (!isWhole(uid, ID_MAX) || !isWhole(gid, ID_MAX)) return `its owner is ${shown(uid)}:${shown(gid)}`;
  if (typeof mtime !== "string" || !MTIME.test(mtime)) return `its time is ${shown(mtime)}`;
  switch (entry.kind) {
    case "directory":
    case "fifo":
      return undefined;
    case "file":
      return fileFault(entry);
    case "symlink":
      return isTarget(entry.target) ? undefined : "it is a link to nothing";
    case "char_device":
    case "block_device":
      return isDevice(entry.device) ? undefined : "its device number is missing or too large";
    default:
      return `its kind ${shown(entry.kind)} is unknown`;
  }
}

function fileFault({ size, chunks, lists, holes = [], hardlink }: Entry): string | undefined {
  if (!isWhole(size, Number.MAX_SAFE_INTEGER)) return `its size is ${shown(size)}`;
  if (hardlink !== undefined) return undefined;
  const inHoles = holeBytes(holes, size);
  if (inHoles === undefined) return "its holes overlap, or are outside of it";
  if (lists !== undefined) return lists.every(isPlace) ? undefined : "its lists of chunks are malformed";
  if (chunks === undefined) return size === 0 ? undefined : "it has neither chunks nor lists";
  if (!chunks.every(isPlace)) return "its chunks are malformed";
  const bytes = chunks.reduce((sum, { length }) => sum + length, inHoles);
  return bytes === size ? undefined : `its size is ${size}, and its chunks and holes have ${bytes} bytes`;
}

/** Bytes in all holes; `undefined` where they are not ascending within the file. */
export function holeBytes(holes: readonly (readonly [number, number])[], size: number): number | undefined {
  let end = 0;
  let bytes = 0;
  for (const [offset, length] of holes) {
    if (!isWhole(offset, size) || !isWhole(length, size) || offset < end || offset + length > size) {
      return undefined;
    }
    end = offset + length;
    bytes += length;
  }
  return bytes;
}

function isPlace({ offset, length, id }: Place): boolean {
  const max = Number.MAX_SAFE_INTEGER;
  return isWhole(offset, max) && isWhole(length, max) && typeof id === "string";
}

function isTarget(target: unknown): boolean {
  return typeof target === "string" && target !== "" && !target.includes("\0");
}

function isDevice(device: readonly number[] | undefined): boolean {
  return Array.isArray(device) && device.length === 2 &&
    device.every((number) => isWhole(number, DEVICE_MAX));
}

function isWhole(value: unknown, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

/** Whatever it is, without running anything of it. */
function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "missing").slice(0, SHOWN_MAX);
}
