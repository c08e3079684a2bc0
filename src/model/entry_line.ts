import { fromBase64, fromLatin1, toBase64, toLatin1 } from "../base/bytes.ts";
import { CorruptionError } from "../base/errors.ts";
import type { Entry, Kind } from "./entry.ts";
import { BlobTable } from "./blob_table.ts";
import { type Numbered, type PageHead, toPlace } from "./page_head.ts";
import { pathOf, textOf } from "./path.ts";

// An entry as one line of JSON; FORMAT.md is the reader's version.

/** Kind, mode and owner of entries as text; most have those of the entry before. */
class OwnerText {
  #entry: Entry | undefined;
  #text = "";

  of(entry: Entry): string {
    if (this.#entry !== undefined && hasSameOwner(entry, this.#entry)) return this.#text;
    const { kind, mode, uid, gid, user, group } = entry;
    let text = `"kind":"${kind}","mode":${mode},"uid":${uid},"gid":${gid}`;
    if (user !== undefined) text += `,"user":${JSON.stringify(user)}`;
    if (group !== undefined) text += `,"group":${JSON.stringify(group)}`;
    this.#entry = entry;
    return this.#text = text;
  }
}

function hasSameOwner(a: Entry, b: Entry): boolean {
  return a.kind === b.kind && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid &&
    a.user === b.user && a.group === b.group;
}

/** What the lines of a page share. */
export class Shared {
  readonly blobs = new BlobTable();
  readonly pages = new BlobTable();
  readonly owners = new OwnerText();
}

/** JSON of an entry, of which nothing is known. */
export interface Line {
  [member: string]: unknown;
}

/** The member `name` as text, or `name_base64` where the bytes are not UTF-8. */
function bytesMember(name: string, bytes: string): string {
  const text = textOf(bytes);
  if (text !== undefined) return `"${name}":${JSON.stringify(text)}`;
  return `"${name}_base64":"${toBase64(fromLatin1(bytes))}"`;
}

function getBytes(text: unknown, base64: unknown, name: string): string | undefined {
  if (typeof text === "string") return pathOf(text);
  if (typeof base64 === "string") return toLatin1(fromBase64(base64));
  if (text === undefined && base64 === undefined) return undefined;
  throw new CorruptionError(`Cannot read page: the ${name} of an entry is no text`);
}

function xattrMembers(xattrs: readonly (readonly [string, string])[]): string {
  const line: Line = {};
  for (const [name, value] of xattrs) {
    const text = textOf(name);
    const [member, key] = text !== undefined
      ? ["xattrs", text]
      : ["xattrs_base64", toBase64(fromLatin1(name))];
    ((line[member] ??= {}) as Line)[key] = value;
  }
  return JSON.stringify(line).slice(1, -1);
}

function getXattrs(line: Line): [string, string][] | undefined {
  if (line.xattrs === undefined && line.xattrs_base64 === undefined) return undefined;
  const xattrs: [string, string][] = [];
  for (const [name, value] of membersOf(line.xattrs)) xattrs.push([pathOf(name), value]);
  for (const [name, value] of membersOf(line.xattrs_base64)) {
    xattrs.push([toLatin1(fromBase64(name)), value]);
  }
  return xattrs.length === 0 ? undefined : xattrs.sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

function membersOf(object: unknown = {}): [string, string][] {
  if (typeof object === "object" && object !== null && !Array.isArray(object)) return Object.entries(object);
  throw new CorruptionError("Cannot read page: the attributes of an entry are malformed");
}

/** Put together member by member: an object for each of very many lines would cost twice as much. */
export function lineOf(entry: Entry, { blobs, pages, owners }: Shared): string {
  let line = `{${bytesMember("path", entry.path)},${owners.of(entry)},"mtime":"${entry.mtime}"`;
  if (entry.xattrs !== undefined) line += `,${xattrMembers(entry.xattrs)}`;
  if (entry.size !== undefined) line += `,"size":${entry.size}`;
  if (entry.chunks !== undefined) line += `,"chunks":${blobs.places(entry.chunks)}`;
  if (entry.lists !== undefined) line += `,"lists":${pages.places(entry.lists)}`;
  if (entry.holes !== undefined) line += `,"holes":${JSON.stringify(entry.holes)}`;
  if (entry.changed) line += `,"changed":true`;
  if (entry.links !== undefined) line += `,"links":${entry.links}`;
  if (entry.hardlink !== undefined) line += `,${bytesMember("hardlink", entry.hardlink)}`;
  if (entry.target !== undefined) line += `,${bytesMember("target", entry.target)}`;
  if (entry.device !== undefined) line += `,"device":${JSON.stringify(entry.device)}`;
  return line + "}";
}

/** Inverse of {@link lineOf}, of the JSON that a line is. Throws `CorruptionError`, and whatever a member of another type leads to. */
export function fromLine(line: Line, head: PageHead): Entry {
  const chunks = line.chunks as Numbered[] | undefined;
  const lists = line.lists as Numbered[] | undefined;
  const path = getBytes(line.path, line.path_base64, "path");
  if (path === undefined) throw new CorruptionError("Cannot read page: an entry has no path");
  const entry: { -readonly [K in keyof Entry]: Entry[K] } = {
    path,
    kind: line.kind as Kind,
    mode: line.mode as number,
    uid: line.uid as number,
    gid: line.gid as number,
    mtime: line.mtime as string,
  };
  if (line.user !== undefined) entry.user = line.user as string;
  if (line.group !== undefined) entry.group = line.group as string;
  const xattrs = getXattrs(line);
  if (xattrs !== undefined) entry.xattrs = xattrs;
  if (line.size !== undefined) entry.size = line.size as number;
  if (chunks !== undefined) entry.chunks = chunks.map((chunk) => toPlace(chunk, head.blobs));
  if (lists !== undefined) entry.lists = lists.map((list) => toPlace(list, head.pages));
  if (line.holes !== undefined) entry.holes = line.holes as [number, number][];
  if (line.changed === true) entry.changed = true;
  if (line.links !== undefined) entry.links = line.links as number;
  const hardlink = getBytes(line.hardlink, line.hardlink_base64, "hardlink");
  if (hardlink !== undefined) entry.hardlink = hardlink;
  const target = getBytes(line.target, line.target_base64, "target");
  if (target !== undefined) entry.target = target;
  if (line.device !== undefined) entry.device = line.device as [number, number];
  return entry;
}
