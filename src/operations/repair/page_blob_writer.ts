import type { Upload } from "../../index/blobs.ts";
import { blobName } from "../../model/names.ts";
import { PAGE_BLOB_BYTES } from "../../write/blob_calls.ts";
import { BlobWriter } from "../../write/blob_writer.ts";
import { BufferRing } from "../../write/buffer_ring.ts";
import { emptyBlob } from "../../write/empty_blob.ts";
import type { HostTools } from "../../read/hosts.ts";

export interface SealOptions {
  readonly recipients: readonly string[];
  readonly compressionLevel: number;
}

/** Packs pages into blobs and brings them to the store, one after the other; `onStored` is called with each. */
export function pageBlobWriter(
  { store, signal }: HostTools,
  { recipients, compressionLevel }: SealOptions,
  onStored: (upload: Upload) => void,
): BlobWriter {
  const ring = new BufferRing({ count: 1, sizeBytes: PAGE_BLOB_BYTES });
  return new BlobWriter({
    kind: "pages",
    compressionLevel,
    takeEmpty: (plainBytes) => emptyBlob(recipients, ring, plainBytes),
    store: async (blob) => {
      const { kind, id, buffer, size, chunks } = blob;
      const bytes = new Uint8Array(buffer, 0, size);
      await store.put(blobName(kind, id), bytes, { sha256: id, createOnly: true, signal });
      ring.give(blob);
      onStored({ kind, id, size, chunks });
    },
  });
}
