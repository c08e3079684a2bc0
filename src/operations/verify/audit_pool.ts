import { InterruptedError } from "../../base/errors.ts";
import { interruptible } from "../../base/interruptible.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { SourceApi } from "../../read/remote_source.ts";
import { sourceHandlers, type StoreSource } from "../../read/store_source.ts";
import { ThreadPool } from "../../threads/thread_pool.ts";
import type { AuditApi } from "./audit_worker.ts";
import type { AuditOutcome, AuditRequest } from "./audit.ts";

const PROGRESS_EVERY_MS = 100;

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
  const pool = new ThreadPool<AuditApi, SourceApi>(readers, worker, sourceHandlers(source));
  const progress = new AuditProgress(tools, work.count, work.bytes);
  const auditAll = async () => {
    for (const request of work.requests) {
      await pool.submit((remote) => remote.audit(request), (outcome) => {
        onOutcome(request, outcome);
        progress.add(request.size, outcome.fault !== undefined);
      });
    }
    await pool.settle();
  };
  try {
    await interruptible(tools.signal, auditAll());
  } finally {
    pool.end(new InterruptedError());
  }
}

class AuditProgress {
  readonly #tools: HostTools;
  readonly #count: number;
  readonly #bytes: number;
  #countDone = 0;
  #bytesDone = 0;
  #errors = 0;
  #reportedMs = 0;

  constructor(tools: HostTools, count: number, bytes: number) {
    this.#tools = tools;
    this.#count = count;
    this.#bytes = bytes;
  }

  add(bytes: number, isDamaged: boolean): void {
    this.#countDone++;
    this.#bytesDone += bytes;
    if (isDamaged) this.#errors++;
    const nowMs = this.#tools.now().getTime();
    if (nowMs - this.#reportedMs < PROGRESS_EVERY_MS) return;
    this.#reportedMs = nowMs;
    this.#tools.report({
      kind: "progress",
      progress: {
        stage: "verify",
        entriesDone: this.#countDone,
        entriesFound: this.#count,
        bytesDone: this.#bytesDone,
        bytesFound: this.#bytes,
        allKnown: true,
        bytesTransferred: this.#bytesDone,
        errors: this.#errors,
      },
    });
  }
}
