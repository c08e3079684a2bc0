import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import type { BackupSummary } from "../operations/backup/options.ts";

/** `warning`: there is a snapshot, but files could not be read or the sources look wrong. */
export type Status = "success" | "warning" | "failure";

/** What came of one source set. */
export interface SetOutcome {
  readonly name: string;
  readonly status: Status;
  /** Missing where it failed. */
  readonly summary?: BackupSummary;
  /** Why it failed, for people. */
  readonly error?: string;
}

/** What came of a run. */
export interface RunOutcome {
  readonly hostname: string;
  /** What was run, for titles; absent: a backup. */
  readonly what?: "backup" | "drill";
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly sets: readonly SetOutcome[];
}

/** The worst of its source sets; without any it failed. */
export function statusOf({ sets }: RunOutcome): Status {
  const isAny = (wanted: Status) => sets.some(({ status }) => status === wanted);
  if (sets.length === 0 || isAny("failure")) return "failure";
  return isAny("warning") ? "warning" : "success";
}

export function durationMs({ startedAt, finishedAt }: RunOutcome): number {
  return finishedAt.getTime() - startedAt.getTime();
}

/** `web1: backup failed`: one line, without anything from the file system. */
export function titleOf(outcome: RunOutcome): string {
  const said = { success: "done", warning: "has warnings", failure: "failed" };
  return `${outcome.hostname}: ${outcome.what ?? "backup"} ${said[statusOf(outcome)]}`;
}

/** A line for each source set; `details` adds messages, in which paths may be. */
export function linesOf(outcome: RunOutcome, details: boolean): string[] {
  return outcome.sets.flatMap(({ name, status, summary, error }) => [
    summary === undefined ? `${name}: ${status}` : `${name}: ${status}; ${inWords(summary)}`,
    ...details && error !== undefined ? [`  ${error.trim()}`] : [],
    ...details ? summary?.suspicious.map(({ path, reason }) => `  "${path}" ${reason}`) ?? [] : [],
    ...details
      ? summary?.unreadable.slice(0, 20).map(({ path, reason }) => `  ${path}: ${reason}`) ?? []
      : [],
  ]);
}

function inWords(summary: BackupSummary): string {
  const { id, files, bytes, bytesUploaded, unreadable, suspicious } = summary;
  return [
    id,
    `${formatCount(files)} files, ${formatSize(bytes)}`,
    `${formatSize(bytesUploaded)} sent in ${formatDuration(summary.durationMs)}`,
    ...unreadable.length === 0 ? [] : [`${formatCount(unreadable.length)} unreadable`],
    ...suspicious.length === 0 ? [] : ["suspicious"],
  ].join("; ");
}
