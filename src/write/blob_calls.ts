import type { Upload } from "../index/blobs.ts";
import type { Remote } from "../threads/rpc.ts";
import type { BlobKind } from "../model/names.ts";
import type { BlobWriterOptions, EmptyBlob, SealedBlob } from "./blob_writer.ts";

/** Blobs of pages are small, so that one page costs a reader one request. */
export const PAGE_BLOB_BYTES = 512 * 1024;

export interface EmptyRequest {
  readonly kind: BlobKind;
  readonly plainBytes: number;
}

/** What the `Uploader` serves to threads that fill blobs. */
export interface BlobApi {
  takeEmpty(request: EmptyRequest): EmptyBlob;
  /** Answers when the store has acknowledged the blob and all is noted. */
  store(blob: SealedBlob): void;
}

/** What the `Uploader` has noted in the index, before and after each upload. */
export interface UploadNotes {
  begin(upload: Upload): void;
  stored(upload: Upload): void;
}

/** How the writer of another thread reaches the `Uploader`. */
export function blobCalls(
  remote: Remote<BlobApi>,
  kind: BlobKind,
): Pick<BlobWriterOptions, "kind" | "takeEmpty" | "store"> {
  return {
    kind,
    takeEmpty: (plainBytes) => remote.takeEmpty({ kind, plainBytes }),
    store: (blob) => remote.store(blob),
  };
}
