import { concatBytes, fromBase64, fromLatin1 } from "../../../base/bytes.ts";
import type { Entry, Kind } from "../../../model/entry.ts";
import { textOf } from "../../../model/path.ts";
import type { Member } from "./members.ts";

// Headers of tar (POSIX.1-2017, pax), with attributes and holes as GNU tar writes and reads them.

export const BLOCK_BYTES = 512;

const TYPES: Readonly<Record<Kind, string>> = {
  file: "0",
  directory: "5",
  symlink: "2",
  fifo: "6",
  char_device: "3",
  block_device: "4",
};
const LINK_TYPE = "1";
const EXTENDED_TYPE = "x";
/** Octal digits of the fields. */
const ID_MAX = 0o7777777;
const SIZE_MAX = 0o77777777777;
const NAME_BYTES = 100;
const OWNER_BYTES = 32;
const NANOSECONDS = 1_000_000_000n;

/** Bytes that stand for a member of `size` bytes of contents and, where it has holes, of `map` before its data. */
export interface TarBody {
  /** Bytes that follow the header. */
  readonly size: number;
  readonly isSparse: boolean;
}

/** What comes before the contents of a member. */
export function tarHead(member: Member, body: TarBody): Uint8Array {
  const { entry, link } = member;
  const type = link === undefined ? TYPES[entry.kind] : LINK_TYPE;
  const name = entry.kind === "directory" ? `${member.name}/` : member.name;
  const linkName = link ?? entry.target ?? "";
  const records = recordsOf(entry, { name, linkName, body });
  const extended = records.length === 0 ? [] : [
    header({ entry, name: "././@PaxHeader", linkName: "", type: EXTENDED_TYPE, size: records.length }),
    padded(records),
  ];
  return concatBytes([...extended, header({ entry, name, linkName, type, size: body.size })]);
}

/** `bytes` up to the end of a block. */
export function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES);
  whole.set(bytes);
  return whole;
}

interface Fields {
  readonly entry: Entry;
  readonly name: string;
  readonly linkName: string;
  readonly type: string;
  readonly size: number;
}

/** One block. What does not fit in a field is cut off or 0: an extended header has said it. */
function header({ entry, name, linkName, type, size }: Fields): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  const put = (at: number, bytes: string) => block.set(fromLatin1(bytes), at);
  const putOctal = (at: number, digits: number, value: number, max: number) =>
    put(at, (value > max ? 0 : value).toString(8).padStart(digits, "0"));
  const seconds = Number(secondsOf(entry));
  put(0, name.slice(0, NAME_BYTES));
  putOctal(100, 7, entry.mode, ID_MAX);
  putOctal(108, 7, entry.uid, ID_MAX);
  putOctal(116, 7, entry.gid, ID_MAX);
  putOctal(124, 11, size, SIZE_MAX);
  putOctal(136, 11, Math.max(0, seconds), SIZE_MAX);
  put(148, " ".repeat(8));
  put(156, type);
  put(157, linkName.slice(0, NAME_BYTES));
  put(257, "ustar\x0000");
  put(265, ownerField(entry.user));
  put(297, ownerField(entry.group));
  putOctal(329, 7, entry.device?.[0] ?? 0, ID_MAX);
  putOctal(337, 7, entry.device?.[1] ?? 0, ID_MAX);
  put(148, block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 ");
  return block;
}

function ownerField(name = ""): string {
  const bytes = utf8(name);
  return isAscii(bytes) && bytes.length < OWNER_BYTES ? bytes : "";
}

/** The extended header's records: what the fields of a header cannot hold. */
function recordsOf(
  entry: Entry,
  { name, linkName, body }: { readonly name: string; readonly linkName: string; readonly body: TarBody },
): Uint8Array {
  const records: string[] = [];
  const add = (keyword: string, value: string) => records.push(record(keyword, value));
  if ([name, linkName].some((bytes) => textOf(bytes) === undefined)) add("hdrcharset", "BINARY");
  if (body.isSparse) {
    add("GNU.sparse.major", "1");
    add("GNU.sparse.minor", "0");
    add("GNU.sparse.name", name);
    add("GNU.sparse.realsize", String(entry.size));
  } else if (!fits(name)) add("path", name);
  if (!fits(linkName)) add("linkpath", linkName);
  if (body.size > SIZE_MAX) add("size", String(body.size));
  if (entry.uid > ID_MAX) add("uid", String(entry.uid));
  if (entry.gid > ID_MAX) add("gid", String(entry.gid));
  if (entry.user !== undefined && ownerField(entry.user) === "") add("uname", utf8(entry.user));
  if (entry.group !== undefined && ownerField(entry.group) === "") add("gname", utf8(entry.group));
  const time = timeText(entry);
  if (time !== undefined) add("mtime", time);
  for (const [attribute, value] of entry.xattrs ?? []) {
    const keyword = attribute.replaceAll("%", "%25").replaceAll("=", "%3D");
    add(`SCHILY.xattr.${keyword}`, [...fromBase64(value)].map((byte) => String.fromCharCode(byte)).join(""));
  }
  return fromLatin1(records.join(""));
}

/** `<length> <keyword>=<value>\n`, the length being that of all of it. */
function record(keyword: string, value: string): string {
  const rest = ` ${keyword}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return length + rest;
}

function fits(bytes: string): boolean {
  return bytes.length <= NAME_BYTES && isAscii(bytes);
}

function isAscii(bytes: string): boolean {
  // deno-lint-ignore no-control-regex
  return /^[\x01-\x7f]*$/.test(bytes);
}

function utf8(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => String.fromCharCode(byte)).join("");
}

function secondsOf({ mtime }: Entry): bigint {
  const ns = BigInt(mtime);
  return (ns - nanosecondsOf(ns)) / NANOSECONDS;
}

/** After the second before. */
function nanosecondsOf(ns: bigint): bigint {
  return ((ns % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
}

/** `undefined` where the field of the header says it all. A negative time counts down: `-0.5` is half a second before 1970. */
function timeText({ mtime }: Entry): string | undefined {
  const ns = BigInt(mtime);
  const isWhole = ns % NANOSECONDS === 0n;
  if (isWhole && ns >= 0n && ns / NANOSECONDS <= BigInt(SIZE_MAX)) return undefined;
  const size = ns < 0n ? -ns : ns;
  const fraction = isWhole ? "" : "." + String(size % NANOSECONDS).padStart(9, "0");
  return `${ns < 0n ? "-" : ""}${size / NANOSECONDS}${fraction}`;
}
