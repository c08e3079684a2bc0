import { Buffer } from "node:buffer";
import type { PageRef } from "../model/page_refs.ts";
import type { FoundLines } from "../model/page_search.ts";
import type { Path } from "../model/path.ts";

// How what was opened of a host is written down: read again in a few milliseconds, whatever there is of it.

const VERSION = 2;
const LINE_FEED = 0x0a;
const ID_DIGITS = 64;
/** Numbers of each row: first path, blob, offset, length, entries. */
const ROW_NUMBERS = 5;

/** What was opened of a snapshot. Documents are kept as text, which takes a part of the memory. */
export interface KnownSnapshot {
  readonly id: string;
  readonly size: number;
  readonly modifiedMs: number;
  /** Of the sealed snapshot. */
  readonly sha256: string;
  readonly sealedSize: number;
  readonly manifest: string;
  /** The snapshot but for its pages. */
  rest?: string;
  /** Numbers of rows. */
  lists?: readonly number[];
  pages?: readonly number[];
}

/** What was found in a page at a path. */
export type KnownLines = readonly [page: string, path: Path, found: FoundLines];

/** What was opened of a host. */
export interface OpenedParts {
  readonly rows: readonly PageRef[];
  readonly snapshots: readonly KnownSnapshot[];
  /** Lists of pages by id. */
  readonly lists: readonly (readonly [id: string, numbers: readonly number[]])[];
  readonly found: readonly KnownLines[];
}

/** The first line. Behind it comes a line for the manifest of each snapshot, and one for the rest of it. */
interface Head extends Pick<OpenedParts, "lists" | "found"> {
  readonly vaultik_opened: number;
  readonly blobs: readonly (readonly [id: string, size: number])[];
  readonly paths: readonly Path[];
  /** Of all rows, one behind the other. */
  readonly ids: string;
  readonly rows: readonly number[];
  readonly snapshots: readonly Omit<KnownSnapshot, "manifest" | "rest">[];
}

export function encodeOpened({ rows, snapshots, lists, found }: OpenedParts): Uint8Array<ArrayBuffer> {
  const blobs = new Map<string, number>();
  const paths = new Map<Path, number>();
  const sizes: [string, number][] = [];
  const numbers: number[] = [];
  for (const { firstPath, blob, blobSize, offset, length, entries } of rows) {
    if (numberIn(blobs, blob) === sizes.length) sizes.push([blob, blobSize]);
    numbers.push(numberIn(paths, firstPath), numberIn(blobs, blob), offset, length, entries);
  }
  const head: Head = {
    vaultik_opened: VERSION,
    blobs: sizes,
    paths: [...paths.keys()],
    ids: rows.map(({ id }) => id).join(""),
    rows: numbers,
    snapshots: snapshots.map(({ manifest: _, rest: __, ...snapshot }) => snapshot),
    lists,
    found,
  };
  return bytesOf([JSON.stringify(head), ...snapshots.flatMap(({ manifest, rest = "" }) => [manifest, rest])]);
}

/** All of it is there once: there may be very much. */
function bytesOf(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0));
  const encoder = new TextEncoder();
  let at = 0;
  for (const line of lines) {
    at += encoder.encodeInto(line, bytes.subarray(at)).written;
    bytes[at++] = LINE_FEED;
  }
  return bytes;
}

/** Inverse of {@link encodeOpened}, for what this program has written; `undefined` for that of another version. */
export function decodeOpened(bytes: Uint8Array): OpenedParts | undefined {
  const lines = linesIn(bytes);
  const line = () => lines.next().value ?? "";
  const { vaultik_opened, blobs, paths, ids, rows, snapshots, lists, found } = JSON.parse(line()) as Head;
  if (vaultik_opened !== VERSION) return undefined;
  const refs: PageRef[] = [];
  for (let at = 0; at < rows.length; at += ROW_NUMBERS) {
    const [blob, blobSize] = blobs[rows[at + 1]!]!;
    const idAt = refs.length * ID_DIGITS;
    refs.push({
      firstPath: paths[rows[at]!]!,
      blob,
      blobSize,
      offset: rows[at + 2]!,
      length: rows[at + 3]!,
      id: ids.slice(idAt, idAt + ID_DIGITS),
      entries: rows[at + 4]!,
    });
  }
  const known = snapshots.map((snapshot) => ({
    ...snapshot,
    manifest: line(),
    rest: line() || undefined,
  }));
  return { rows: refs, snapshots: known, lists, found };
}

function* linesIn(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder();
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(LINE_FEED, at);
    yield decoder.decode(bytes.subarray(at, end));
    at = end + 1;
  }
}

/** The number of `key`, which is given one where it has none. */
function numberIn<Key>(numbers: Map<Key, number>, key: Key): number {
  let number = numbers.get(key);
  if (number === undefined) numbers.set(key, number = numbers.size);
  return number;
}
