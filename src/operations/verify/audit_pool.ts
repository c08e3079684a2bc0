import { interruptible } from "../../base/interruptible.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { SourceApi } from "../../read/remote_source.ts";
import { sourceHandlers, type StoreSource } from "../../read/store_source.ts";
import { ThreadPool } from "../../threads/thread_pool.ts";
import { ObjectProgress } from "../object_progress.ts";
import type { AuditApi } from "./audit_worker.ts";
import type { AuditOutcome, AuditRequest } from "./audit.ts";

/** Audits blobs in `readers` threads; a request is taken from `requests` when a thread is free for it. */
export async function auditBlobs(
  tools: HostTools,
  source: StoreSource,
  readers: number,
  work: { readonly count: number; readonly bytes: number; readonly requests: Iterable<AuditRequest> },
  onOutcome: (request: AuditRequest, outcome: AuditOutcome) => void,
): Promise<void> {
  if (work.count === 0) return;
  const worker = new URL("./audit_worker.ts", import.meta.url);
  const progress = new ObjectProgress(tools, "verify", { objects: work.count, bytes: work.bytes });
  using pool = new ThreadPool<AuditApi, SourceApi>(readers, worker, sourceHandlers(source));
  const auditAll = async () => {
    for (const request of work.requests) {
      await pool.submit((remote) => remote.audit(request), (outcome) => {
        onOutcome(request, outcome);
        const { size } = request;
        progress.add({ bytes: size, bytesFetched: size, isFault: outcome.fault !== undefined });
      });
    }
    await pool.settle();
  };
  await interruptible(tools.signal, auditAll());
}
