import { concatBytes } from "../base/bytes.ts";
import { ID_BYTES } from "../base/digest.ts";
import type { FoundLines } from "../model/page_search.ts";
import type { Path } from "../model/path.ts";
import { type PackedRows, ROW_NUMBERS } from "./opened_rows.ts";

// How what was opened of a host is written down: a line of JSON, and behind it what is read without a look at it. All of it is read in a
// few milliseconds, whatever there is of it.

const VERSION = 2;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const ALIGNMENT = Float64Array.BYTES_PER_ELEMENT;

/** Numbers of rows. */
export type RowNumbers = Uint32Array | readonly number[];

/** What was opened of a snapshot. Documents are kept as JSON in UTF-8, which takes a part of the memory. */
export interface KnownSnapshot {
  readonly id: string;
  readonly size: number;
  readonly modifiedMs: number;
  /** Of the sealed snapshot. */
  readonly sha256: string;
  readonly sealedSize: number;
  readonly manifest: Uint8Array;
  /** The snapshot but for its pages. */
  rest?: Uint8Array;
  lists: RowNumbers;
  pages: RowNumbers;
}

/** What was found in a page at a path. */
export type KnownLines = readonly [page: string, path: Path, found: FoundLines];

/** What was opened of a host. */
export interface OpenedParts {
  readonly rows: PackedRows;
  readonly snapshots: readonly KnownSnapshot[];
  /** Lists of pages by id. */
  readonly lists: readonly (readonly [id: string, numbers: RowNumbers])[];
  readonly found: readonly KnownLines[];
}

/** The bytes of both documents, and how many numbers of lists and pages there are. */
type Lengths = readonly [manifest: number, rest: number, lists: number, pages: number];

/** The first line, so long that what comes behind is aligned: numbers in rows, numbers of rows, ids of rows, and documents. */
interface Head extends Pick<OpenedParts, "found"> {
  readonly vaultik_opened: number;
  readonly paths: PackedRows["paths"];
  readonly blobs: PackedRows["blobs"];
  /** How many numbers there are in all rows, and how many of rows. */
  readonly numbers: readonly [inRows: number, ofRows: number];
  readonly snapshots: readonly (readonly [
    ...about: [id: string, size: number, modifiedMs: number, sha256: string, sealedSize: number],
    ...lengths: Lengths,
  ])[];
  readonly lists: readonly (readonly [id: string, numbers: readonly number[]])[];
}

export function encodeOpened({ rows, snapshots, lists, found }: OpenedParts): Uint8Array<ArrayBuffer> {
  const numbers = snapshots.flatMap(({ lists, pages }) => [Uint32Array.from(lists), Uint32Array.from(pages)]);
  const head: Head = {
    vaultik_opened: VERSION,
    paths: rows.paths,
    blobs: rows.blobs,
    numbers: [rows.numbers.length, numbers.reduce((sum, { length }) => sum + length, 0)],
    snapshots: snapshots.map(({ id, size, modifiedMs, sha256, sealedSize, manifest, rest, lists, pages }) => [
      ...[id, size, modifiedMs, sha256, sealedSize] as const,
      ...[manifest.length, rest?.length ?? 0, lists.length, pages.length] as const,
    ]),
    lists: lists.map(([id, numbers]) => [id, Array.from(numbers)]),
    found,
  };
  return concatBytes([
    alignedLine(JSON.stringify(head)),
    bytesOf(rows.numbers),
    ...numbers.map(bytesOf),
    rows.ids,
    ...snapshots.flatMap(({ manifest, rest }) => rest === undefined ? [manifest] : [manifest, rest]),
  ]);
}

/** Inverse of {@link encodeOpened}, for what this program has written; `undefined` for that of another version. */
export function decodeOpened(bytes: Uint8Array): OpenedParts | undefined {
  const headLength = bytes.indexOf(LINE_FEED) + 1;
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(0, headLength))) as Head;
  if (head.vaultik_opened !== VERSION) return undefined;
  const { buffer, byteOffset } = bytes.byteOffset % ALIGNMENT === 0 ? bytes : bytes.slice();
  let at = byteOffset + headLength;
  const take = (length: number) => new Uint8Array(buffer, (at += length) - length, length);
  const [inRows, ofRows] = head.numbers;
  const numbers = new Float64Array(buffer, at, inRows);
  take(numbers.byteLength);
  const rowNumbers = new Uint32Array(buffer, at, ofRows);
  take(rowNumbers.byteLength);
  const ids = take(inRows / ROW_NUMBERS * ID_BYTES);
  let numberAt = 0;
  const takeNumbers = (count: number) => rowNumbers.subarray(numberAt, numberAt += count);
  const snapshots = head.snapshots.map(([id, size, modifiedMs, sha256, sealedSize, ...lengths]) => ({
    ...{ id, size, modifiedMs, sha256, sealedSize },
    manifest: take(lengths[0]),
    rest: lengths[1] === 0 ? undefined : take(lengths[1]),
    lists: takeNumbers(lengths[2]),
    pages: takeNumbers(lengths[3]),
  }));
  const { paths, blobs, lists, found } = head;
  return { rows: { paths, blobs, ids, numbers }, snapshots, lists, found };
}

function alignedLine(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(`${text}\n`);
  const line = new Uint8Array(Math.ceil(bytes.length / ALIGNMENT) * ALIGNMENT).fill(SPACE);
  line.set(bytes.subarray(0, -1));
  line[line.length - 1] = LINE_FEED;
  return line;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
