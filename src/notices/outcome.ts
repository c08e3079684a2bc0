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
