import { toHex, view } from "../base/bytes.ts";
import type { Place } from "../model/entry.ts";

/** Bytes of one chunk in a packed list: id, offset (u32 LE), length (u32 LE). */
export const PACKED_CHUNK_BYTES = 40;

/** The packed list of some chunks. */
export function packChunks(
  chunks: readonly { readonly id: Uint8Array; readonly offset: number; readonly length: number }[],
): Uint8Array {
  const packed = new Uint8Array(chunks.length * PACKED_CHUNK_BYTES);
  const view = new DataView(packed.buffer);
  chunks.forEach(({ id, offset, length }, i) => {
    packed.set(id, i * PACKED_CHUNK_BYTES);
    view.setUint32(i * PACKED_CHUNK_BYTES + 32, offset, true);
    view.setUint32(i * PACKED_CHUNK_BYTES + 36, length, true);
  });
  return packed;
}

/** The chunks of a packed list, which are in `blob` of `blobSize` stored bytes. */
export function unpackChunks(blob: string, blobSize: number, chunks: Uint8Array): Place[] {
  const rows = view(chunks);
  const places: Place[] = [];
  for (let at = 0; at < rows.length; at += PACKED_CHUNK_BYTES) {
    const id = toHex(rows.subarray(at, at + 32));
    const [offset, length] = [rows.readUInt32LE(at + 32), rows.readUInt32LE(at + 36)];
    places.push({ blob, blobSize, offset, length, id });
  }
  return places;
}
