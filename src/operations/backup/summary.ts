import type { BackupOptions, BackupSummary, Phases } from "./options.ts";
import type { FinishedScan } from "./publish_backup.ts";

/** When the parts of a backup began, and when its last one ended. */
export interface Moments {
  readonly started: Date;
  readonly prepared: Date;
  readonly read: Date;
  readonly ended: Date;
}

/** What is said of a backup that was made. */
export function summaryOf(
  id: string,
  { name, hostname }: BackupOptions,
  result: FinishedScan,
  moments: Moments,
  { blobsUploaded, bytesUploaded }: { readonly blobsUploaded: number; readonly bytesUploaded: number },
): BackupSummary {
  return {
    hostname,
    name,
    startedAt: moments.started.toISOString(),
    finishedAt: result.finishedAt,
    ...result.totals,
    id,
    durationMs: msBetween(moments.started, moments.ended),
    filesRead: result.filesRead,
    bytesRead: result.bytesRead,
    bytesNew: result.bytesNew,
    growth: result.growth,
    phases: phasesOf(moments),
    fileChanges: result.fileChanges,
    excluded: result.excluded,
    suspicious: result.suspicious,
    blobsUploaded,
    bytesUploaded,
    pages: result.pageLists.reduce((sum, { entries }) => sum + entries, result.pages.length),
    pagesNew: result.pagesNew,
    scanned: result.scanned,
    unreadable: result.unreadable,
    changedWhileRead: result.changedWhileRead,
    lostAttributes: result.lostAttributes,
    incomplete: result.unreadable.length > 0,
  };
}

function phasesOf({ started, prepared, read, ended }: Moments): Phases {
  return {
    prepareMs: msBetween(started, prepared),
    readMs: msBetween(prepared, read),
    publishMs: msBetween(read, ended),
  };
}

function msBetween(from: Date, to: Date): number {
  return to.getTime() - from.getTime();
}
