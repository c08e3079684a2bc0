import { type Entry, MODE_BITS, type Place } from "./entry.ts";
import { isSha256 } from "./json.ts";

/** Characters of a value that a message repeats. */
const SHOWN_MAX = 80;
const ID_MAX = 2 ** 32 - 1;
const DEVICE_MAX = 2 ** 32 - 1;
const LINKS_MAX = 2 ** 32 - 1;
const MTIME = /^-?\d{1,28}$/;
/** File systems give seconds 64 bits, and some programs make times of years with many digits. */
const TIME_LIMIT = 2n ** 63n * 1_000_000_000n;
/** What is no longer is surely within the limit. */
const NEAR_CHARACTERS = 20;

/** What is wrong with a decoded entry that a restore is to make; `undefined` where nothing is. Who can encrypt to our key can make any. */
export function faultOf(entry: Entry): string | undefined {
  const { mode, uid, gid, user, group, mtime, xattrs = [] } = entry;
  if (!isWhole(mode, MODE_BITS)) return `its mode is ${shown(mode)}`;
  if (!isWhole(uid, ID_MAX) || !isWhole(gid, ID_MAX)) return `its owner is ${shown(uid)}:${shown(gid)}`;
  if (!isName(user) || !isName(group)) return `the names of its owner are ${shown(user)} and ${shown(group)}`;
  if (!xattrs.every(isXattr)) return "its attributes are malformed, or there twice";
  if (typeof mtime !== "string" || !isTime(mtime)) return `its time is ${shown(mtime)}`;
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

function fileFault({ size, chunks, lists, holes = [], links = 1, hardlink }: Entry): string | undefined {
  if (!isWhole(size, Number.MAX_SAFE_INTEGER)) return `its size is ${shown(size)}`;
  if (hardlink !== undefined) return undefined;
  if (!isWhole(links, LINKS_MAX) || links === 0) return `it has ${shown(links)} names`;
  const inHoles = holeBytes(holes, size);
  if (inHoles === undefined) return "its holes overlap, or are outside of it";
  if (lists !== undefined) return lists.every(isPlace) ? undefined : "its lists of chunks are malformed";
  if (chunks === undefined) return size === 0 ? undefined : "it has neither chunks nor lists";
  if (!chunks.every(isPlace)) return "its chunks are malformed";
  const bytes = chunks.reduce((sum, { length }) => sum + length, inHoles);
  return bytes === size ? undefined : `its size is ${size}, and its chunks and holes have ${bytes} bytes`;
}

/** Bytes in all holes; `undefined` where they are not ascending within the file, or no holes at all. */
export function holeBytes(holes: unknown, size: number): number | undefined {
  if (!Array.isArray(holes) || !holes.every(isPair)) return undefined;
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

function isTime(mtime: string): boolean {
  if (!MTIME.test(mtime)) return false;
  if (mtime.length <= NEAR_CHARACTERS) return true;
  const time = BigInt(mtime);
  return time >= -TIME_LIMIT && time < TIME_LIMIT;
}

function isName(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

/** They are in the order of their names. */
function isXattr(
  [name, value]: readonly [string, unknown],
  i: number,
  all: readonly (readonly [string, unknown])[],
): boolean {
  return name !== "" && !name.includes("\0") && (i === 0 || name > all[i - 1]![0]) && isBase64(value);
}

function isBase64(value: unknown): boolean {
  return typeof value === "string" && value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value);
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

function isPlace({ offset, length, id }: Place): boolean {
  const max = Number.MAX_SAFE_INTEGER;
  return isWhole(offset, max) && isWhole(length, max) && isSha256(id);
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
