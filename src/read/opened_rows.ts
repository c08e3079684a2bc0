import { fromHex, toHex } from "../base/bytes.ts";
import { ID_BYTES } from "../base/digest.ts";
import type { PageRef } from "../model/page_refs.ts";
import type { Path } from "../model/path.ts";

const ID_DIGITS = 2 * ID_BYTES;
/** Numbers of each row: first path, blob, offset, length, entries. */
export const ROW_NUMBERS = 5;

/** Rows as they are written down. */
export interface PackedRows {
  readonly paths: readonly Path[];
  readonly blobs: readonly (readonly [id: string, size: number])[];
  /** Of all rows, one behind the other. */
  readonly ids: Uint8Array;
  readonly numbers: Float64Array;
}

const NONE: PackedRows = { paths: [], blobs: [], ids: new Uint8Array(0), numbers: new Float64Array(0) };

/** Rows of pages and of lists of pages by number, each there once; of those that were written down, one is made when it is asked for. */
export class OpenedRows {
  readonly #packed: PackedRows;
  readonly #refs: (PageRef | undefined)[];
  /** By id: the number of the row that was added last, of the first so many rows. */
  readonly #numbers = new Map<string, number>();
  #numbered = 0;

  constructor(packed = NONE) {
    this.#packed = packed;
    this.#refs = new Array(packed.ids.length / ID_BYTES);
  }

  /** Its number. */
  add(ref: PageRef): number {
    return this.#refs.push(ref) - 1;
  }

  at(number: number): PageRef {
    return this.#refs[number] ??= this.#unpack(number);
  }

  /** The first path of a row. */
  pathAt(number: number): Path {
    const { paths, numbers } = this.#packed;
    return this.#refs[number]?.firstPath ?? paths[numbers[ROW_NUMBERS * number]!]!;
  }

  /** The number of the row with this id that was added last. Where nothing new is put in, no one asks. */
  numberOf(id: string): number | undefined {
    if (this.#numbered < this.#refs.length) this.#number();
    return this.#numbers.get(id);
  }

  pack(): PackedRows {
    const count = this.#refs.length;
    const [paths, blobs] = [new Map<Path, number>(), new Map<string, number>()];
    const sizes: [string, number][] = [];
    const [ids, numbers] = [new Uint8Array(ID_BYTES * count), new Float64Array(ROW_NUMBERS * count)];
    for (let number = 0; number < count; number++) {
      const { firstPath, blob, blobSize, offset, length, id, entries } = this.at(number);
      if (numberIn(blobs, blob) === sizes.length) sizes.push([blob, blobSize]);
      ids.set(fromHex(id), ID_BYTES * number);
      const row = [numberIn(paths, firstPath), numberIn(blobs, blob), offset, length, entries];
      numbers.set(row, ROW_NUMBERS * number);
    }
    return { paths: [...paths.keys()], blobs: sizes, ids, numbers };
  }

  #unpack(number: number): PageRef {
    const { paths, blobs, ids, numbers } = this.#packed;
    const at = ROW_NUMBERS * number;
    const [blob, blobSize] = blobs[numbers[at + 1]!]!;
    return {
      firstPath: paths[numbers[at]!]!,
      blob,
      blobSize,
      offset: numbers[at + 2]!,
      length: numbers[at + 3]!,
      id: toHex(ids.subarray(ID_BYTES * number, ID_BYTES * (number + 1))),
      entries: numbers[at + 4]!,
    };
  }

  #number(): void {
    const packed = toHex(this.#packed.ids);
    for (; this.#numbered < this.#refs.length; this.#numbered++) {
      const at = ID_DIGITS * this.#numbered;
      const id = at < packed.length ? packed.slice(at, at + ID_DIGITS) : this.#refs[this.#numbered]!.id;
      this.#numbers.set(id, this.#numbered);
    }
  }
}

/** The number of `key`, which is given one where it has none. */
function numberIn<Key>(numbers: Map<Key, number>, key: Key): number {
  let number = numbers.get(key);
  if (number === undefined) numbers.set(key, number = numbers.size);
  return number;
}
