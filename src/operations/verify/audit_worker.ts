import { isWorker, Peer, type Port } from "../../base/rpc.ts";
import type { BlobSource } from "../blob_reader.ts";
import { audit, type AuditRequest } from "./audit.ts";

if (isWorker()) {
  const peer: Peer = new Peer(self as unknown as Port, {
    start: () => {},
    audit: (request: AuditRequest) => {
      const source: BlobSource = {
        fetch: (name, offset, length) => peer.call("fetch", { name, offset, length }),
        openHeader: (header) => peer.call("openHeader", header),
        sizeOf: () => request.size,
      };
      return audit(source, request);
    },
  });
}
