import { isWorker, Peer, type Port } from "../../base/rpc.ts";
import { remoteSource } from "../remote_source.ts";
import { audit, type AuditRequest } from "./audit.ts";

if (isWorker()) {
  const peer: Peer = new Peer(self as unknown as Port, {
    start: () => {},
    audit: (request: AuditRequest) => audit(remoteSource(peer), request),
  });
}
