import { Buffer } from "node:buffer";
import {
  attributes,
  cString,
  ENODATA,
  EOPNOTSUPP,
  errno,
  errnoMessage,
  pathOfOpen,
  scratchCString,
} from "./libc.ts";

/** Linux allows no longer list of names and no longer value. */
const ATTRIBUTE_BYTES = 64 * 1024;
const nameBytes = Buffer.alloc(ATTRIBUTE_BYTES);
const valueBytes = Buffer.alloc(ATTRIBUTE_BYTES);
const attributeSize = BigInt(ATTRIBUTE_BYTES);

/** Byte-string name and base64 value, sorted by name; `undefined` where there are none or the file system has none. */
export type Xattrs = [string, string][] | undefined;

/** Called for each attribute that is there and cannot be read: `attribute "user.x"`, or `attributes` where their names cannot. */
export type OnLostXattr = (what: string, reason: string) => void;

/** Extended attributes of `name` in an open directory, a link's own: on Linux the kernel takes the directory by its descriptor. */
export function readXattrsIn(directory: number, name: string, onLost: OnLostXattr): Xattrs {
  return readXattrs(`${pathOfOpen(directory)}/${name}`, onLost);
}

/** Extended attributes of `path`, a link's own. */
export function readXattrs(path: string, onLost: OnLostXattr): Xattrs {
  const length = attributes().llistxattr(scratchCString(path), nameBytes, attributeSize);
  if (length === 0) return undefined;
  const name = cString(path);
  return xattrs(
    length,
    (attribute) => attributes().lgetxattr(name, attribute, valueBytes, attributeSize),
    onLost,
  );
}

/** As {@link readXattrs}, of an open file. */
export function readFileXattrs(fd: number, onLost: OnLostXattr): Xattrs {
  const length = attributes().flistxattr(fd, nameBytes, attributeSize);
  if (length === 0) return undefined;
  return xattrs(
    length,
    (attribute) => attributes().fgetxattr(fd, attribute, valueBytes, attributeSize),
    onLost,
  );
}

function xattrs(length: number, get: (name: Uint8Array<ArrayBuffer>) => number, onLost: OnLostXattr): Xattrs {
  if (length < 0) {
    if (errno() !== EOPNOTSUPP && errno() !== ENODATA) onLost("attributes", errnoMessage(errno()));
    return undefined;
  }
  // Some kernels list security labels of network file systems twice.
  const names = new Set(nameBytes.toString("latin1", 0, length - 1).split("\0").sort());
  const found: [string, string][] = [];
  for (const name of names) {
    if (name === "") continue;
    const value = get(cString(name));
    if (value >= 0) found.push([name, valueBytes.toString("base64", 0, value)]);
    else if (errno() !== ENODATA) onLost(`attribute "${name}"`, errnoMessage(errno()));
  }
  return found.length === 0 ? undefined : found;
}
