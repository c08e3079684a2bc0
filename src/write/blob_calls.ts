import type { Peer } from "../threads/rpc.ts";
import type { BlobKind } from "../model/names.ts";
import type { BlobWriterOptions } from "./blob_writer.ts";

/** Blobs of pages are small, so that one page costs a reader one request. */
export const PAGE_BLOB_BYTES = 512 * 1024;

export interface EmptyRequest {
  readonly kind: BlobKind;
  readonly plainBytes: number;
}

/** How the writer of another thread reaches the `Uploader`. */
export function blobCalls(
  peer: Peer,
  kind: BlobKind,
): Pick<BlobWriterOptions, "kind" | "takeEmpty" | "store"> {
  return {
    kind,
    takeEmpty: (plainBytes) => peer.call("takeEmpty", { kind, plainBytes } satisfies EmptyRequest),
    store: (blob) => peer.call("store", blob),
  };
}
