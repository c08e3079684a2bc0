import { concatBytes, fromBase64, fromLatin1, release, toBase64, toLatin1 } from "../base/bytes.ts";
import { CorruptionError, UsageError } from "../base/errors.ts";
import type { Entry, Kind, Place } from "./entry.ts";
import { checkVersion, isCount, isSha256 } from "./json.ts";
import { PAGE_ENTRIES_MAX } from "./page_cut.ts";
import { type Path, pathOf, textOf } from "./path.ts";

// The codec of pages and list pages; FORMAT.md is the reader's version.

const PAGE_VERSION = 2;
type Numbered = [blob: number, offset: number, length: number, id: string];

/** Numbers blobs in the order of their first use. */
class BlobTable {
  readonly blobs: StoredBlob[] = [];
  readonly #numbers = new Map<string, number>();

  number(id: string, size: number): number {
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.blobs.push([id, size]) - 1;
      this.#numbers.set(id, number);
    }
    return number;
  }

  place({ blob, blobSize, offset, length, id }: Place): string {
    return `[${this.number(blob, blobSize)},${offset},${length},"${id}"]`;
  }

  places(places: readonly Place[]): string {
    return `[${places.map((place) => this.place(place)).join()}]`;
  }
}

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
class Shared {
  readonly blobs = new BlobTable();
  readonly pages = new BlobTable();
  readonly owners = new OwnerText();
}

interface Line {
  [member: string]: unknown;
}

/** The member `name` as text, or `name_base64` where the bytes are not UTF-8. */
function bytesMember(name: string, bytes: string): string {
  const text = textOf(bytes);
  if (text !== undefined) return `"${name}":${JSON.stringify(text)}`;
  return `"${name}_base64":"${toBase64(fromLatin1(bytes))}"`;
}

function getBytes(line: Line, name: string): string | undefined {
  const text = line[name];
  if (typeof text === "string") return pathOf(text);
  const base64 = line[name + "_base64"];
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
function lineOf(entry: Entry, { blobs, pages, owners }: Shared): string {
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

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Lines are brought into bytes so many characters at a time: each by itself costs more, and all of a page as strings far more memory. */
const PENDING_MAX = 16 * 1024;
/** UTF-8 of one char code takes no more. */
const BYTES_PER_CHARACTER = 3;

/** Makes the text of one page after the other, each entry by entry, in reused memory. */
export class PageEncoder {
  #shared = new Shared();
  #pending = "";
  #bytes = new Uint8Array(16 * PENDING_MAX);
  #length = 0;

  /** Adds the next entry in order. Equal entries give equal text, whether they come as lines of other pages or decoded. */
  add(entry: Entry | PageLine): void {
    const shared = this.#shared;
    const isLine = entry instanceof PageLine;
    const line = isLine ? entry.renumber(shared.blobs, shared.pages) : lineOf(entry, shared);
    this.#pending += line + "\n";
    if (this.#pending.length >= PENDING_MAX) this.#write();
  }

  /** What the first line of the page says. */
  get head(): PageHead {
    return { blobs: this.#shared.blobs.blobs, pages: this.#shared.pages.blobs };
  }

  /** The text of the page, which is done: the next entry begins another one. */
  finish(): Uint8Array<ArrayBuffer> {
    this.#write();
    const { blobs, pages } = this.head;
    const head = encoder.encode(headLine(blobs, pages) + "\n");
    const text = concatBytes([head, this.#bytes.subarray(0, this.#length)]);
    this.#shared = new Shared();
    this.#length = 0;
    return text;
  }

  #write(): void {
    const needed = this.#length + this.#pending.length * BYTES_PER_CHARACTER;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.#bytes);
      release(this.#bytes);
      this.#bytes = larger;
    }
    this.#length += encoder.encodeInto(this.#pending, this.#bytes.subarray(this.#length)).written;
    this.#pending = "";
  }
}

/** The text of a page with these entries, which come in order. */
export function encodePage(entries: readonly (Entry | PageLine)[]): string {
  const page = new PageEncoder();
  entries.forEach((entry) => page.add(entry));
  return decoder.decode(page.finish());
}

/** The text of a list page: the chunks of one file, or a run of them. */
export function encodeListPage(chunks: readonly Place[]): string {
  const blobs = new BlobTable();
  const lines = chunks.map((chunk) => blobs.place(chunk));
  return [headLine(blobs.blobs, []), ...lines, ""].join("\n");
}

function headLine(blobs: readonly StoredBlob[], pages: readonly StoredBlob[]): string {
  return JSON.stringify({ vaultik_page: PAGE_VERSION, blobs, pages });
}

/** Id and stored bytes of a blob. */
export type StoredBlob = readonly [id: string, size: number];

/** What the first line of a page says: the blobs that its entries refer to, and those of their list pages. */
export interface PageHead {
  readonly blobs: readonly StoredBlob[];
  readonly pages: readonly StoredBlob[];
}

/** An entry as a line of a page, decoded only where that is wanted. No member's text can be within another's: quotes are escaped there. */
export class PageLine {
  readonly #text: string;
  readonly #head: PageHead;

  constructor(text: string, head: PageHead) {
    this.#text = text;
    this.#head = head;
  }

  decode(): Entry {
    return fromLine(JSON.parse(this.#text) as Line, this.#head);
  }

  /** Throws where the line is malformed. */
  get path(): Path {
    return plainPathAt(this.#text, 0) ?? this.decode().path;
  }

  get kind(): Kind {
    const at = this.#text.indexOf(KIND) + KIND.length;
    return this.#text.slice(at, this.#text.indexOf('"', at)) as Kind;
  }

  get lists(): readonly Place[] | undefined {
    return this.#text.includes(LISTS) ? this.decode().lists : undefined;
  }

  /** Of a file that has contents of its own: bytes; else 0. */
  get ownBytes(): number {
    const at = this.#text.indexOf(SIZE);
    if (at < 0 || this.#text.includes(HARDLINK)) return 0;
    return parseInt(this.#text.slice(at + SIZE.length, at + SIZE.length + DIGITS_MAX));
  }

  /** The line with the numbers that these tables give. */
  renumber(blobs: BlobTable, pages: BlobTable): string {
    const chunks = this.#text.indexOf(CHUNKS);
    if (chunks >= 0) return this.#renumber(chunks + CHUNKS.length, this.#head.blobs, blobs);
    const lists = this.#text.indexOf(LISTS);
    return lists < 0 ? this.#text : this.#renumber(lists + LISTS.length, this.#head.pages, pages);
  }

  /** `at` is where the first number begins. */
  #renumber(at: number, blobs: readonly StoredBlob[], table: BlobTable): string {
    const text = this.#text;
    let renumbered = "";
    let copied = 0;
    for (;;) {
      const comma = text.indexOf(",", at);
      const old = Number(text.slice(at, comma));
      const blob = blobs[old];
      const end = text.indexOf("]", comma);
      if (blob === undefined || end < 0) throw new CorruptionError("Cannot read page: it is malformed");
      const number = table.number(blob[0], blob[1]);
      if (number !== old) {
        renumbered += text.slice(copied, at) + number;
        copied = comma;
      }
      if (text[end + 1] !== ",") return renumbered + text.slice(copied);
      at = end + "],[".length;
    }
  }
}

const PATH = '{"path":"';
const KIND = '"kind":"';
const SIZE = '"size":';
const HARDLINK = '"hardlink';
const CHUNKS = '"chunks":[[';
const LISTS = '"lists":[[';
const DIGITS_MAX = 20;

/** What the first line of the page `text` says. Throws as {@link decodePage}. */
export function headOf(text: string): PageHead {
  return parseHead(text.slice(0, text.indexOf("\n")));
}

/** As {@link decodePage}, but lines are decoded one by one, where that is wanted. */
export function splitPage(text: string): PageLine[] {
  const head = headOf(text);
  return text.split("\n").slice(1, -1).map((line) => new PageLine(line, head));
}

/**
 * The lines of the page `text` whose paths are wanted, and those whose paths show only when they are decoded; the others cost next to
 * nothing. Throws as {@link decodePage}.
 */
export function linesWhere(text: string, isWanted: (path: Path) => boolean): PageLine[] {
  const found: PageLine[] = [];
  let head: PageHead | undefined;
  for (let at = text.indexOf("\n") + 1, end = 0; (end = text.indexOf("\n", at)) >= 0; at = end + 1) {
    const path = plainPathAt(text, at);
    if (path === undefined || isWanted(path)) {
      found.push(new PageLine(text.slice(at, end), head ??= headOf(text)));
    }
  }
  return found;
}

/** The path of the line at `at`, as every writer puts it there: first, and as a rule without escapes; else `undefined`. */
function plainPathAt(text: string, at: number): Path | undefined {
  if (!text.startsWith(PATH, at)) return undefined;
  const start = at + PATH.length;
  const end = text.indexOf('"', start);
  const path = text.slice(start, end);
  return end < 0 || path.includes("\\") ? undefined : pathOf(path);
}

function parseHead(line: string): PageHead {
  const head = parseLine(line) as PageHead | null;
  checkVersion(head, "vaultik_page", PAGE_VERSION);
  const { blobs, pages } = head!;
  if (areStoredBlobs(blobs) && areStoredBlobs(pages)) return { blobs, pages };
  throw new CorruptionError("Cannot read page: its blobs are malformed");
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new CorruptionError("Cannot read page: it is malformed", { cause });
  }
}

/** Each has one number, and so one size. */
function areStoredBlobs(value: unknown): value is StoredBlob[] {
  return Array.isArray(value) && new Set(value.map((blob) => blob?.[0])).size === value.length &&
    value.every((blob) => Array.isArray(blob) && blob.length === 2 && isSha256(blob[0]) && isCount(blob[1]));
}

function toPlace([number, offset, length, id]: Numbered, blobs: readonly StoredBlob[]): Place {
  // "constructor" is a member of every array.
  const blob = isCount(number) ? blobs[number] : undefined;
  if (blob === undefined) throw new CorruptionError("Cannot read page: it has no blob of such a number");
  return { blob: blob[0], blobSize: blob[1], offset, length, id };
}

function fromLine(line: Line, head: PageHead): Entry {
  const chunks = line.chunks as Numbered[] | undefined;
  const lists = line.lists as Numbered[] | undefined;
  const path = getBytes(line, "path");
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
  const hardlink = getBytes(line, "hardlink");
  if (hardlink !== undefined) entry.hardlink = hardlink;
  const target = getBytes(line, "target");
  if (target !== undefined) entry.target = target;
  if (line.device !== undefined) entry.device = line.device as [number, number];
  return entry;
}

/** Inverse of {@link encodePage}. Throws `CorruptionError`; `UsageError` where a newer program wrote it. */
export function decodePage(text: string): Entry[] {
  return decodeLines(text, (line, head) => fromLine(line as Line, head));
}

/** As {@link decodePage}, but an entry that is malformed costs itself only: its error is in its place. Throws as that does. */
export function decodeEntries(text: string): (Entry | CorruptionError)[] {
  return decodeLines(text, (line, head) => {
    try {
      return fromLine(line as Line, head);
    } catch (error) {
      if (error instanceof CorruptionError) return error;
      return new CorruptionError("the entry is malformed", { cause: error });
    }
  });
}

/** Inverse of {@link encodeListPage}. Throws as {@link decodePage}. */
export function decodeListPage(text: string): Place[] {
  return decodeLines(text, (line, head) => {
    const place = toPlace(line as Numbered, head.blobs);
    if (isCount(place.offset) && isCount(place.length) && isSha256(place.id)) return place;
    throw new CorruptionError("Cannot read page: a place in it is malformed");
  });
}

function decodeLines<T>(text: string, decode: (line: unknown, head: PageHead) => T): T[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new CorruptionError("Cannot read page: its last line is cut off");
  if (lines.length > PAGE_ENTRIES_MAX + 1) {
    throw new CorruptionError(`Cannot read page: it has ${lines.length} lines, more than any has`);
  }
  try {
    const head = parseHead(lines[0]);
    const decoded: T[] = [];
    for (let i = 1; i < lines.length; i++) decoded.push(decode(JSON.parse(lines[i]), head));
    return decoded;
  } catch (error) {
    if (error instanceof CorruptionError || error instanceof UsageError) throw error;
    // JSON, or a member of it, is not what it should be.
    throw new CorruptionError("Cannot read page: it is malformed", { cause: error });
  }
}
