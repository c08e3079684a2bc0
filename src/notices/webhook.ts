import { durationMs, type RunOutcome, type SetOutcome, statusOf } from "./outcome.ts";

const NOTICE_VERSION = 1;

/** The body of a webhook; docs/notices.md describes each member. */
export function webhookJson(outcome: RunOutcome, details: boolean): string {
  return JSON.stringify({
    vaultik_notice: NOTICE_VERSION,
    hostname: outcome.hostname,
    status: statusOf(outcome),
    started_at: outcome.startedAt.toISOString(),
    finished_at: outcome.finishedAt.toISOString(),
    duration_ms: durationMs(outcome),
    snapshots: outcome.sets.map((set) => setJson(set, details)),
  });
}

function setJson({ name, status, summary, error }: SetOutcome, details: boolean): object {
  return {
    name,
    status,
    ...summary === undefined ? {} : {
      id: summary.id,
      files: summary.files,
      bytes: summary.bytes,
      files_new: summary.fileChanges?.new,
      files_changed: summary.fileChanges?.changed,
      files_gone: summary.fileChanges?.gone,
      files_unreadable: summary.unreadable.length,
      excluded: summary.excluded,
      bytes_read: summary.bytesRead,
      bytes_new: summary.bytesNew,
      bytes_sent: summary.bytesUploaded,
      duration_ms: summary.durationMs,
      incomplete: summary.incomplete,
      suspicious: summary.suspicious.length > 0,
    },
    ...details ? { error, suspicions: summary?.suspicious, unreadable: summary?.unreadable } : {},
  };
}
