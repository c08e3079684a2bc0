import { randomBytes } from "node:crypto";
import { ID_BYTES, sha256Hex } from "../base/digest.ts";
import { FrameCompressor } from "../blob/frame_compressor.ts";
import { encodeSeekTable, type FrameSize, seekTableBytes } from "../blob/seek_table.ts";
import { PADDED_BELOW, paddingFor, paddingFrame } from "../blob/padding.ts";
import { PACKED_CHUNK_BYTES } from "../index/packed_chunks.ts";
import type { BlobKind } from "../model/names.ts";
import type { Header } from "../seal/header.ts";
import { NONCE_BYTES, PayloadWriter } from "../seal/payload.ts";
import type { LentBuffer } from "./buffer_ring.ts";

/** Small chunks share a frame of about this many plain bytes: together they compress twice as well, and one still opens alone. */
const FRAME_BYTES = 1024 * 1024;
/** Offsets in an opened blob have 32 bits. */
const OFFSET_MAX = 2 ** 32 - 1;
/** Share of a blob that padding may take. */
const PADDING_SHARE = 1 / 32;
/** Bounds what waits for a blob of tiny files to be stored. */
const CHUNKS_PER_BLOB = 8192;

/** A blob ready for the store. */
export interface SealedBlob extends LentBuffer {
  readonly kind: BlobKind;
  readonly id: string;
  /** The blob is the first so many bytes of `buffer`. */
  readonly size: number;
  /** Its chunks, 40 bytes each. */
  readonly chunks: Uint8Array;
}

/** The beginning of a blob, and the buffer that it will fill. */
export interface EmptyBlob extends LentBuffer {
  readonly header: Header;
}

export interface BlobWriterOptions {
  readonly kind: BlobKind;
  readonly compressionLevel: number;
  /** For a blob with room for at least `plainBytes`. */
  readonly takeEmpty: (plainBytes: number) => Promise<EmptyBlob>;
  /** Takes the blob with its buffer; resolves when the store has acknowledged it and all is noted. */
  readonly store: (blob: SealedBlob) => Promise<void>;
}

/** A list of chunks as the index takes it, {@link PACKED_CHUNK_BYTES} each. */
class PackedChunks {
  readonly #bytes = new Uint8Array(CHUNKS_PER_BLOB * PACKED_CHUNK_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  count = 0;

  get isFull(): boolean {
    return this.count === CHUNKS_PER_BLOB;
  }

  /** Adds the chunk with the id at `ids[idAt]`. */
  add(ids: Uint8Array, idAt: number, offset: number, length: number): void {
    const at = this.count++ * PACKED_CHUNK_BYTES;
    for (let i = 0; i < ID_BYTES; i++) this.#bytes[at + i] = ids[idAt + i]!;
    this.#view.setUint32(at + ID_BYTES, offset, true);
    this.#view.setUint32(at + ID_BYTES + 4, length, true);
  }

  /** Moves the chunks of a frame that begins at `base` here. */
  addAll(chunks: PackedChunks, base: number): void {
    const added = chunks.#bytes.subarray(0, chunks.count * PACKED_CHUNK_BYTES);
    this.#bytes.set(added, this.count * PACKED_CHUNK_BYTES);
    for (this.count += chunks.count; base > 0 && chunks.count > 0; chunks.count--) {
      const at = (this.count - chunks.count) * PACKED_CHUNK_BYTES + ID_BYTES;
      this.#view.setUint32(at, this.#view.getUint32(at, true) + base, true);
    }
    chunks.count = 0;
  }

  /** A copy of the list, which is empty then. */
  take(): Uint8Array {
    const list = this.#bytes.slice(0, this.count * PACKED_CHUNK_BYTES);
    this.count = 0;
    return list;
  }
}

/** The blob being filled. */
interface OpenBlob {
  readonly lent: LentBuffer;
  readonly payload: PayloadWriter;
  readonly frames: FrameSize[];
  plainBytes: number;
  /** Bytes of all frames. */
  storedBytes: number;
}

/** Packs chunks into frames and frames into sealed blobs. Not re-entrant: one call at a time. */
export class BlobWriter {
  readonly #options: BlobWriterOptions;
  readonly #frame = new Uint8Array(FRAME_BYTES);
  #compressor: FrameCompressor | undefined;
  #frameLength = 0;
  #owner = 0;
  /** Chunks of the frame, with their offsets in it. */
  readonly #framed = new PackedChunks();
  #blob: OpenBlob | undefined;
  /** Chunks of the blob. */
  readonly #chunks = new PackedChunks();
  readonly #storing = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(options: BlobWriterOptions) {
    this.#options = options;
  }

  /**
   * Takes a copy of `bytes` and of the id at `ids[at]`. Chunks of different owners are never in one frame: how well it compresses
   * would tell of one what is in the other. What to wait for, if anything, before the next call: a frame is full, or no buffer is free.
   * That throws what `store` threw.
   */
  add(bytes: Uint8Array, ids: Uint8Array, at = 0, owner = 0): Promise<void> | undefined {
    const isFull = this.#frameLength + bytes.length > FRAME_BYTES || this.#framed.isFull ||
      owner !== this.#owner;
    this.#owner = owner;
    if (isFull || bytes.length >= FRAME_BYTES) return this.#addToNext(bytes, ids, at);
    this.#put(bytes, ids, at);
    return undefined;
  }

  async #addToNext(bytes: Uint8Array, ids: Uint8Array, at: number): Promise<void> {
    await this.#endFrame();
    if (bytes.length < FRAME_BYTES) return this.#put(bytes, ids, at);
    this.#framed.add(ids, at, 0, bytes.length);
    await this.#compress(bytes);
  }

  #put(bytes: Uint8Array, ids: Uint8Array, at: number): void {
    this.#framed.add(ids, at, this.#frameLength, bytes.length);
    this.#frame.set(bytes, this.#frameLength);
    this.#frameLength += bytes.length;
  }

  /** Adds a chunk that is a compressed frame already. */
  async addFrame(frame: Uint8Array, plainLength: number, id: Uint8Array): Promise<void> {
    await this.#endFrame();
    this.#framed.add(id, 0, 0, plainLength);
    await this.#append(frame, plainLength);
  }

  /** Seals what there is and waits until the store has all. */
  async flush(): Promise<void> {
    await this.#endFrame();
    this.#seal();
    await Promise.all(this.#storing);
    this.#check();
  }

  async #endFrame(): Promise<void> {
    if (this.#frameLength === 0) return;
    const plain = this.#frame.subarray(0, this.#frameLength);
    this.#frameLength = 0;
    await this.#compress(plain);
  }

  async #compress(plain: Uint8Array): Promise<void> {
    const compressor = this.#compressor ??= new FrameCompressor(this.#options.compressionLevel);
    const frame = compressor.compress(plain);
    await this.#append(frame, plain.length);
    compressor.giveBack(frame);
  }

  /** Puts a frame with the chunks in `#framed` into the blob. */
  async #append(frame: Uint8Array, plainLength: number): Promise<void> {
    this.#check();
    if (this.#blob !== undefined && !this.#fits(this.#blob, frame.length, plainLength)) this.#seal();
    const blob = this.#blob ??= await this.#open(frame.length + seekTableBytes(1));
    blob.payload.write(frame);
    blob.frames.push({ stored: frame.length, plain: plainLength });
    this.#chunks.addAll(this.#framed, blob.plainBytes);
    blob.plainBytes += plainLength;
    blob.storedBytes += frame.length;
  }

  #fits(blob: OpenBlob, frameLength: number, plainLength: number): boolean {
    if (blob.plainBytes + plainLength > OFFSET_MAX) return false;
    if (this.#chunks.count + this.#framed.count > CHUNKS_PER_BLOB) return false;
    const table = seekTableBytes(blob.frames.length + 1);
    return blob.payload.lengthWith(frameLength + table) <= fillBytes(blob.lent.roomBytes);
  }

  /** Where there is room: a chunk that is larger than a blob may leave none. */
  #pad({ lent, payload, frames, storedBytes }: OpenBlob): void {
    const length = storedBytes + seekTableBytes(frames.length);
    if (length >= PADDED_BELOW) return;
    const padding = paddingFor(length);
    const total = payload.lengthWith(padding + seekTableBytes(frames.length));
    if (padding > 0 && total <= lent.buffer.byteLength) payload.write(paddingFrame(padding));
  }

  /** Begins a blob with room for at least `firstBytes`. */
  async #open(firstBytes: number): Promise<OpenBlob> {
    const { header, ...lent } = await this.#options.takeEmpty(firstBytes);
    this.#check();
    const nonce = randomBytes(NONCE_BYTES);
    const payload = new PayloadWriter(new Uint8Array(lent.buffer), header.bytes, header.fileKey, nonce);
    return { lent, payload, frames: [], plainBytes: 0, storedBytes: 0 };
  }

  #seal(): void {
    const blob = this.#blob;
    if (blob === undefined) return;
    this.#blob = undefined;
    this.#pad(blob);
    blob.payload.write(encodeSeekTable(blob.frames));
    const size = blob.payload.finish();
    const id = sha256Hex(new Uint8Array(blob.lent.buffer, 0, size));
    const { kind, store } = this.#options;
    const storing = store({ ...blob.lent, kind, id, size, chunks: this.#chunks.take() })
      .catch((error) => void (this.#failure ??= { error }))
      .then(() => void this.#storing.delete(storing));
    this.#storing.add(storing);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** A blob that will be padded is filled a little less. */
function fillBytes(roomBytes: number): number {
  return roomBytes > PADDED_BELOW ? roomBytes : roomBytes * (1 - PADDING_SHARE);
}
