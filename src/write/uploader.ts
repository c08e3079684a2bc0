import type { Upload } from "../index/blobs.ts";
import { type BlobKind, blobName } from "../model/names.ts";
import { giveMemoryBack } from "../platform/memory.ts";
import { giveProgramBack } from "../platform/program_memory.ts";
import type { Tools } from "../read/tools.ts";
import type { Handlers, Remote } from "../threads/rpc.ts";
import type { BlobApi, UploadNotes } from "./blob_calls.ts";
import type { SealedBlob } from "./blob_writer.ts";
import type { BlobBuffers } from "./buffer_ring.ts";
import { emptyBlob } from "./empty_blob.ts";

/** What zstd and the garbage collectors leave free within glibc's arenas is given back so often: 30 MiB less, for some milliseconds each time. */
const BYTES_PER_TRIM = 64 * 1024 * 1024;

/** Brings blobs to the store, from the buffers in which other threads fill them: so many bound memory and what is on its way. */
export class Uploader {
  readonly #tools: Tools;
  readonly #index: Remote<UploadNotes>;
  readonly #recipients: readonly string[];
  readonly #buffers: BlobBuffers;
  #begun = Promise.resolve();
  #bytesAtTrim = 0;
  blobsUploaded = 0;
  bytesUploaded = 0;
  /** Of blobs that are sealed and on their way. */
  bytesPending = 0;

  constructor(tools: Tools, index: Remote<UploadNotes>, recipients: readonly string[], buffers: BlobBuffers) {
    this.#tools = tools;
    this.#index = index;
    this.#recipients = recipients;
    this.#buffers = buffers;
  }

  /** What `blobCalls` call. */
  readonly handlers: Handlers<BlobApi> = {
    takeEmpty: ({ kind, plainBytes }) => emptyBlob(this.#recipients, this.#buffers[kind], plainBytes),
    store: (blob) => this.#store(blob),
  };

  /** Stores nothing before `begun`, whose failure is that of each blob. */
  holdUntil(begun: Promise<void>): void {
    begun.catch(() => {});
    this.#begun = begun;
  }

  /** For now there are no more of this kind. */
  rest(kind: BlobKind): void {
    this.#buffers[kind].rest();
  }

  async #store(blob: SealedBlob): Promise<void> {
    const { kind, id, buffer, size, chunks } = blob;
    const upload: Upload = { kind, id, size, chunks };
    const { store, signal, now } = this.#tools;
    let bytesPerSecond = 0;
    this.bytesPending += size;
    this.#buffers[kind].sent(blob);
    try {
      await this.#begun;
      await this.#index.begin(upload);
      const bytes = new Uint8Array(buffer, 0, size);
      const begunMs = now().getTime();
      await store.put(blobName(kind, id), bytes, { sha256: id, createOnly: true, signal });
      bytesPerSecond = 1000 * size / Math.max(1, now().getTime() - begunMs);
      await this.#index.stored(upload);
    } finally {
      this.bytesPending -= size;
      this.#buffers[kind].give(blob, bytesPerSecond);
    }
    this.blobsUploaded++;
    this.bytesUploaded += size;
    if (this.bytesUploaded - this.#bytesAtTrim < BYTES_PER_TRIM) return;
    this.#bytesAtTrim = this.bytesUploaded;
    giveMemoryBack();
    giveProgramBack();
  }
}
