import { release, toHex } from "../base/bytes.ts";
import { ID_BYTES } from "../base/digest.ts";

/** Waits for things to come in; calls `wait` before and `arrived` after each. */
export interface Owner {
  wait(): void;
  arrived(): void;
}

const FIRST_CAPACITY = 128;

/**
 * Chunks of the files of one page, and where they are as soon as the store has them: packed in arrays, because very many wait
 * at a time. Each chunk belongs to a file by its number; those of one file are added in order.
 */
export class ChunkSlots {
  readonly #owner: Owner;
  #length = 0;
  #ids = new Uint8Array(FIRST_CAPACITY * ID_BYTES);
  #hexIds: string | undefined;
  #files = new Int32Array(FIRST_CAPACITY);
  #blobs = new Int32Array(FIRST_CAPACITY);
  #offsets = new Uint32Array(FIRST_CAPACITY);
  #lengths = new Uint32Array(FIRST_CAPACITY);

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** Adds the chunk with the id at `ids[at]`, of which the place is not known yet; its slot. */
  add(file: number, ids: Uint8Array, at: number, length: number): number {
    if (this.#length === this.#files.length) this.#grow();
    this.#hexIds = undefined;
    const slot = this.#length++;
    const own = this.#ids;
    for (let i = 0, to = slot * ID_BYTES; i < ID_BYTES; i++) own[to + i] = ids[at + i]!;
    this.#files[slot] = file;
    this.#lengths[slot] = length;
    return slot;
  }

  /** The chunk is in the blob with this number. */
  set(slot: number, blob: number, offset: number): void {
    this.#blobs[slot] = blob;
    this.#offsets[slot] = offset;
  }

  /** The place of the chunk is set by {@link settle} later. */
  expect(): void {
    this.#owner.wait();
  }

  settle(slot: number, blob: number, offset: number): void {
    this.set(slot, blob, offset);
    this.#owner.arrived();
  }

  /** The chunks of `file` so far are not to be part of it. */
  dismiss(file: number): void {
    for (let slot = 0; slot < this.#length; slot++) {
      if (this.#files[slot] === file) this.#files[slot] = -1;
    }
  }

  get size(): number {
    return this.#length;
  }

  /** The slots by file, whose numbers are below `files`. */
  byFile(files: number): SlotsByFile {
    return new SlotsByFile(this.#files.subarray(0, this.#length), files);
  }

  /** The id in `slot`, in hex; cut out of one string for all, which is made far faster than one for each. */
  hexId(slot: number): string {
    this.#hexIds ??= toHex(this.#ids.subarray(0, this.#length * ID_BYTES));
    return this.#hexIds.slice(slot * ID_BYTES * 2, (slot + 1) * ID_BYTES * 2);
  }

  blob(slot: number): number {
    return this.#blobs[slot]!;
  }

  offset(slot: number): number {
    return this.#offsets[slot]!;
  }

  length(slot: number): number {
    return this.#lengths[slot]!;
  }

  /** Gives the memory back; the slots are not to be used any more. */
  free(): void {
    for (const array of [this.#ids, this.#files, this.#blobs, this.#offsets, this.#lengths]) release(array);
  }

  #grow(): void {
    const capacity = this.#files.length * 2;
    const grown = <T extends Uint8Array | Int32Array | Uint32Array>(old: T, larger: T): T => {
      larger.set(old as never);
      release(old);
      return larger;
    };
    this.#ids = grown(this.#ids, new Uint8Array(capacity * ID_BYTES));
    this.#files = grown(this.#files, new Int32Array(capacity));
    this.#blobs = grown(this.#blobs, new Int32Array(capacity));
    this.#offsets = grown(this.#offsets, new Uint32Array(capacity));
    this.#lengths = grown(this.#lengths, new Uint32Array(capacity));
  }
}

/** Slots in the order of their files, those of one file in the order in which they came. */
export class SlotsByFile {
  /** Where the slots of each file end; those of the next begin there. */
  readonly #endOf: Uint32Array;
  readonly #slots: Uint32Array;

  /** `fileOf`: for each slot the number of its file, below `files`, or -1 where it is of none. */
  constructor(fileOf: Int32Array, files: number) {
    const endOf = this.#endOf = new Uint32Array(files);
    for (const file of fileOf) if (file >= 0) endOf[file]!++;
    for (let file = 1; file < files; file++) endOf[file]! += endOf[file - 1]!;
    this.#slots = new Uint32Array(files === 0 ? 0 : endOf[files - 1]!);
    // From the last slot to the first, each file's end moves to its beginning …
    for (let slot = fileOf.length - 1; slot >= 0; slot--) {
      const file = fileOf[slot]!;
      if (file >= 0) this.#slots[--endOf[file]!] = slot;
    }
    // … which is the end of the file before.
    endOf.copyWithin(0, 1);
    if (files > 0) endOf[files - 1] = this.#slots.length;
  }

  count(file: number): number {
    return this.#endOf[file]! - this.#startOf(file);
  }

  of(file: number): number[] {
    const slots: number[] = [];
    for (let at = this.#startOf(file); at < this.#endOf[file]!; at++) slots.push(this.#slots[at]!);
    return slots;
  }

  #startOf(file: number): number {
    return file === 0 ? 0 : this.#endOf[file - 1]!;
  }
}
