import { concatBytes, toHex } from "../../base/bytes.ts";
import { ID_BYTES } from "../../base/digest.ts";
import type { Identified } from "../../read/chunk_id.ts";
import type { Entry, Place } from "../../model/entry.ts";
import { type Path, SLASH } from "../../model/path.ts";

// Files that are one chunk each, which very many are. Until their blob comes they wait as text and numbers: an object for each would have
// to be kept, moved and looked at by the garbage collector of several threads, which takes as long as to write the file.

/** Of a file: its directory, ends of its name and time, mode, owner, group, and its chunk's offset and length. */
const COLUMNS = 8;
/** What hex digits stand for, by their char codes. */
const DIGITS = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) DIGITS[digit.toString(16).charCodeAt(0)] = digit;

/** Files of one blob side by side, to be sent to another thread. */
export interface FileRows {
  readonly blob: string;
  /** Its stored bytes. */
  readonly blobSize: number;
  /** Paths without a slash at their end, each once if files of a directory follow each other. */
  readonly directories: readonly Path[];
  /** Of all files, one after the other. */
  readonly names: string;
  readonly times: string;
  readonly ids: Uint8Array<ArrayBuffer>;
  readonly numbers: Float64Array<ArrayBuffer>;
}

/** Whether the file can be one of {@link FileRows}. */
export function isOneChunk({ path, chunks, holes, xattrs }: Entry): boolean {
  return chunks?.length === 1 && holes === undefined && xattrs === undefined && path.startsWith("/");
}

/** Makes {@link FileRows} of files that {@link isOneChunk} says yes to. */
export class FileRowsMaker {
  readonly #directories: Path[] = [];
  readonly #numbers: number[] = [];
  /** The last of them. */
  #directory = "";
  #names = "";
  #times = "";
  #ids = new Uint8Array(ID_BYTES);

  add({ path, mode, uid, gid, mtime }: Entry, { offset, length, id }: Place): void {
    if (this.#directories.length === 0 || !isIn(path, this.#directory)) {
      this.#directory = path.slice(0, path.lastIndexOf("/"));
      this.#directories.push(this.#directory);
    }
    this.#names += path.slice(this.#directory.length + 1);
    this.#times += mtime;
    this.#addId(id);
    this.#numbers.push(this.#directories.length - 1, this.#names.length, this.#times.length);
    this.#numbers.push(mode, uid, gid, offset, length);
  }

  #addId(id: string): void {
    const at = this.#numbers.length / COLUMNS * ID_BYTES;
    if (at === this.#ids.length) this.#ids = concatBytes([this.#ids, new Uint8Array(at)]);
    for (let i = 0; i < ID_BYTES; i++) {
      this.#ids[at + i] = DIGITS[id.charCodeAt(2 * i)]! << 4 | DIGITS[id.charCodeAt(2 * i + 1)]!;
    }
  }

  /** `undefined` for none. */
  rows(blob: string, blobSize: number): FileRows | undefined {
    if (this.#numbers.length === 0) return undefined;
    const numbers = Float64Array.from(this.#numbers);
    const [directories, names, times] = [this.#directories, this.#names, this.#times];
    const ids = this.#ids.slice(0, numbers.length / COLUMNS * ID_BYTES);
    return { blob, blobSize, directories, names, times, ids, numbers };
  }
}

/** Whether an entry lies in the directory itself. The functions of strings would take far longer, for so short ones. */
function isIn(path: Path, directory: Path): boolean {
  let at = path.length - 1;
  while (at > directory.length && path.charCodeAt(at) !== SLASH) at--;
  if (at !== directory.length || path.charCodeAt(at) !== SLASH) return false;
  // Directories that are not the same differ near their ends, mostly.
  while (at > 0 && path.charCodeAt(at - 1) === directory.charCodeAt(at - 1)) at--;
  return at === 0;
}

/** A file of {@link FileRows} and its chunk, put together when it is asked for. */
export class FileRow implements Entry, Place, Identified {
  readonly offset: number;
  readonly length: number;
  readonly #rows: FileRows;
  readonly #row: number;

  constructor(rows: FileRows, row: number) {
    this.#rows = rows;
    this.#row = row;
    this.offset = rows.numbers[row * COLUMNS + 6]!;
    this.length = rows.numbers[row * COLUMNS + 7]!;
  }

  static *all(rows: FileRows): Generator<FileRow> {
    for (let row = 0; row < rows.numbers.length / COLUMNS; row++) yield new FileRow(rows, row);
  }

  get kind(): "file" {
    return "file";
  }
  get path(): Path {
    return `${this.directory}/${this.name}`;
  }
  /** Its path, without a slash at the end. */
  get directory(): Path {
    return this.#rows.directories[this.#number(0)]!;
  }
  get name(): string {
    return this.#rows.names.slice(this.#before(1), this.#number(1));
  }
  get mtime(): string {
    return this.#rows.times.slice(this.#before(2), this.#number(2));
  }
  get mode(): number {
    return this.#number(3);
  }
  get uid(): number {
    return this.#number(4);
  }
  get gid(): number {
    return this.#number(5);
  }
  get size(): number {
    return this.length;
  }
  get blob(): string {
    return this.#rows.blob;
  }
  get blobSize(): number {
    return this.#rows.blobSize;
  }
  get id(): string {
    return toHex(this.#rows.ids.subarray(this.#row * ID_BYTES, (this.#row + 1) * ID_BYTES));
  }
  isId(bytes: Uint8Array): boolean {
    const { ids } = this.#rows;
    const at = this.#row * ID_BYTES;
    for (let i = 0; i < ID_BYTES; i++) if (ids[at + i] !== bytes[i]) return false;
    return bytes.length === ID_BYTES;
  }

  #number(column: number): number {
    return this.#rows.numbers[this.#row * COLUMNS + column]!;
  }

  /** Of the file before. */
  #before(column: number): number {
    return this.#row === 0 ? 0 : this.#rows.numbers[(this.#row - 1) * COLUMNS + column]!;
  }
}

/** What of rows and pages need not be copied from thread to thread. */
export function buffersOf(
  rows: readonly FileRows[],
  pages: readonly Uint8Array<ArrayBuffer>[],
): ArrayBuffer[] {
  return [
    ...rows.flatMap(({ numbers, ids }) => [numbers.buffer, ids.buffer]),
    ...pages.map(({ buffer }) => buffer),
  ];
}
