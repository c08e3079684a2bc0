import type { Upload } from "../../index/blobs.ts";
import { blobName } from "../../model/names.ts";
import { BlobWriter } from "../backup/blob_writer.ts";
import { BufferRing } from "../backup/buffer_ring.ts";
import { emptyBlob } from "../backup/empty_blob.ts";
import type { Tools } from "../options.ts";

const BLOB_BYTES = 4 * 1024 * 1024;

export interface SealOptions {
  readonly recipients: readonly string[];
  readonly compressionLevel: number;
}

/** Packs pages into blobs and brings them to the store, one after the other; `onStored` is told of each. */
export function pageBlobWriter(
  { store, signal }: Tools,
  { recipients, compressionLevel }: SealOptions,
  onStored: (upload: Upload) => void,
): BlobWriter {
  const ring = new BufferRing(1, BLOB_BYTES);
  return new BlobWriter({
    kind: "pages",
    blobSizeBytes: BLOB_BYTES,
    compressionLevel,
    takeEmpty: (plainBytes) => emptyBlob(recipients, ring, plainBytes),
    store: async ({ kind, id, buffer, size, chunks }) => {
      const bytes = new Uint8Array(buffer, 0, size);
      await store.put(blobName(kind, id), bytes, { sha256: id, createOnly: true, signal });
      ring.give(buffer);
      onStored({ kind, id, size, chunks });
    },
  });
}
