import { release } from "../base/bytes.ts";
import type { Peer } from "../threads/rpc.ts";
import type { BlobSource } from "./blob_reader.ts";

/** The source that the other thread serves: it has the store and the identity. */
export function remoteSource(peer: Peer): BlobSource {
  return {
    fetch: (name, offset, length) => peer.call("fetch", { name, offset, length }),
    openHeader: (header) => peer.call("openHeader", header),
  };
}

/** The same of a thread that also lends memory which both share; what is small comes in memory of its own. */
export function lendingSource(peer: Peer): BlobSource {
  return {
    ...remoteSource(peer),
    lent: {
      fetch: (name, offset, length) => peer.call("borrow", { name, offset, length }),
      giveBack: (bytes) => {
        if (bytes.buffer instanceof SharedArrayBuffer) void peer.call("giveBack", bytes);
        else release(bytes);
      },
    },
  };
}
