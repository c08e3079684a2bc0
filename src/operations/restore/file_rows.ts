import type { Entry, Place } from "../../model/entry.ts";
import type { Path } from "../../model/path.ts";

// Files that are one chunk each, which very many are. Until their blob comes they wait as text and numbers: an object for each would have
// to be kept, moved and looked at by the garbage collector of several threads, which takes as long as to write the file.

/** Of a file: its directory, ends of its name and time, mode, owner, group, and its chunk's offset and length. */
const COLUMNS = 8;

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
  readonly ids: string;
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
  #names = "";
  #times = "";
  #ids = "";

  add({ path, mode, uid, gid, mtime }: Entry, { offset, length, id }: Place): void {
    const slash = path.lastIndexOf("/");
    const directory = path.slice(0, slash);
    if (directory !== this.#directories.at(-1)) this.#directories.push(directory);
    this.#names += path.slice(slash + 1);
    this.#times += mtime;
    this.#ids += id;
    this.#numbers.push(this.#directories.length - 1, this.#names.length, this.#times.length);
    this.#numbers.push(mode, uid, gid, offset, length);
  }

  /** `undefined` for none. */
  rows(blob: string, blobSize: number): FileRows | undefined {
    if (this.#numbers.length === 0) return undefined;
    const numbers = Float64Array.from(this.#numbers);
    const [directories, names, times, ids] = [this.#directories, this.#names, this.#times, this.#ids];
    return { blob, blobSize, directories, names, times, ids, numbers };
  }
}

/** A file of {@link FileRows} and its chunk, put together when it is asked for. */
export class FileRow implements Entry, Place {
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
    const idLength = 64;
    return this.#rows.ids.slice(this.#row * idLength, (this.#row + 1) * idLength);
  }

  #number(column: number): number {
    return this.#rows.numbers[this.#row * COLUMNS + column]!;
  }

  /** Of the file before. */
  #before(column: number): number {
    return this.#row === 0 ? 0 : this.#rows.numbers[(this.#row - 1) * COLUMNS + column]!;
  }
}
