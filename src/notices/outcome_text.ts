import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import type { BackupSummary } from "../operations/backup/options.ts";
import { type RunOutcome, statusOf } from "./outcome.ts";

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
