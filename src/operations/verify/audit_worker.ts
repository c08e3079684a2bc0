import { isWorker, Peer, type Port } from "../../threads/rpc.ts";
import { remoteSource } from "../../read/remote_source.ts";
import { audit, type AuditRequest } from "./audit.ts";

/** A thread that checks blobs, behind `port`. */
export function serve(port: Port): void {
  const peer: Peer = new Peer(port, {
    start: () => {},
    audit: (request: AuditRequest) => audit(remoteSource(peer), request),
  });
}

if (isWorker()) serve(self as unknown as Port);
