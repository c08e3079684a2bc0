import type { Peer } from "../base/rpc.ts";
import type { BlobSource } from "./blob_reader.ts";

/** For a worker: blobs come through the thread that has the store and the identity. */
export function remoteSource(peer: Peer): BlobSource {
  return {
    fetch: (name, offset, length) => peer.call("fetch", { name, offset, length }),
    openHeader: (header) => peer.call("openHeader", header),
  };
}
