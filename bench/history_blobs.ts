import { Buffer } from "node:buffer";
import { sha256, sha256Hex } from "../src/base/digest.ts";
import { compressFrame } from "../src/blob/zstd.ts";
import type { NamedBlob } from "../src/model/blob_list.ts";
import type { Place } from "../src/model/entry.ts";
import type { BlobKind } from "../src/model/names.ts";
import { BlobWriter } from "../src/write/blob_writer.ts";
import { BufferRing } from "../src/write/buffer_ring.ts";
import { emptyBlob } from "../src/write/empty_blob.ts";

export const BLOB_BYTES = 16 * 2 ** 20;
export const PAGE_BLOB_BYTES = 512 * 1024;

/** Blobs with some chunks (or pages), each brought to `put`; where each chunk is. */
export async function storeChunks(
  chunks: readonly Uint8Array[],
  { kind, recipient }: { readonly kind: BlobKind; readonly recipient: string },
  put: (blob: NamedBlob, bytes: Uint8Array) => Promise<void>,
): Promise<Place[]> {
  const places = new Map<string, Place>();
  const bytes = kind === "blobs" ? BLOB_BYTES : PAGE_BLOB_BYTES;
  const writer = new BlobWriter({
    kind,
    compressionLevel: 3,
    takeEmpty: (plainBytes) =>
      emptyBlob([recipient], new BufferRing({ count: 1, sizeBytes: bytes }), plainBytes),
    store: async ({ id: blob, buffer, size: blobSize, chunks: packed }) => {
      await put([kind, blob, blobSize], new Uint8Array(buffer, 0, blobSize));
      const view = Buffer.from(packed.buffer);
      for (let at = 0; at < packed.length; at += 40) {
        const id = view.toString("hex", at, at + 32);
        const [offset, length] = [view.readUInt32LE(at + 32), view.readUInt32LE(at + 36)];
        places.set(id, { blob, blobSize, offset, length, id });
      }
    },
  });
  for (const chunk of chunks) await writer.addFrame(compressFrame(chunk, 3), chunk.length, sha256(chunk));
  await writer.flush();
  return chunks.map((chunk) => places.get(sha256Hex(chunk))!);
}
