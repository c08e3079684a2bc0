import { isWorker, Peer, type Port } from "../../threads/rpc.ts";
import { remoteSource, type SourceApi } from "../../read/remote_source.ts";
import { audit, type AuditOutcome, type AuditRequest } from "./audit.ts";

export interface AuditApi {
  audit(request: AuditRequest): AuditOutcome;
}

/** A thread that checks blobs, behind `port`. */
export function serve(port: Port): void {
  const peer: Peer<SourceApi, AuditApi> = new Peer(port, {
    audit: (request) => audit(remoteSource(peer.remote), request),
  });
}

if (isWorker()) serve(self as unknown as Port);
