import { newHeader } from "../seal/age.ts";
import { fileLength } from "../seal/payload.ts";
import type { EmptyBlob } from "./blob_writer.ts";
import type { BufferRing } from "./buffer_ring.ts";

/** A new blob for `recipients`, with room for at least `plainBytes`; waits while `ring` has no buffer. */
export async function emptyBlob(
  recipients: readonly string[],
  ring: BufferRing,
  plainBytes: number,
): Promise<EmptyBlob> {
  const header = await newHeader(recipients);
  return { header, ...await ring.take(fileLength(header.bytes, plainBytes)) };
}
