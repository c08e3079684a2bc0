import { EXIT_INCOMPLETE, exitCodeOf } from "../base/exit_codes.ts";
import { formatCount } from "../base/units.ts";
import type { BackupOptions, BackupSummary } from "../operations/backup/options.ts";
import { unreadableAdvice } from "./backup_advice.ts";
import { backupSummaryText } from "./backup_summary_text.ts";
import { afterAbort, errorText, worseExit } from "./error_text.ts";
import type { Io } from "./io.ts";
import type { Output } from "./output.ts";
import type { Traffic, TrafficCounts } from "../store/traffic.ts";

export interface CreateOptions {
  readonly skipErrors?: boolean;
  readonly verbose?: boolean;
}

/** What came of one source set: its summary, or why it failed. */
export type SetResult =
  | { readonly name: string; readonly summary: BackupSummary }
  | { readonly name: string; readonly error: unknown };

export interface CreateCall {
  readonly io: Io;
  readonly output: Output;
  readonly options: CreateOptions;
  /** Of the store that the backups go to. */
  readonly traffic?: Traffic;
  /** Is given what came of each. */
  readonly note?: (result: SetResult) => void;
}

/**
 * Makes each of `backups` with `backUp` and prints what came of it. One that fails does not stop the others; only an interruption
 * does. Returns the gravest exit code. A single backup throws its error.
 */
export async function createSnapshots(
  backups: readonly BackupOptions[],
  backUp: (backup: BackupOptions) => Promise<BackupSummary>,
  call: CreateCall,
): Promise<number> {
  const { io: { signal }, output, options, traffic, note } = call;
  let exit = 0;
  for (const backup of backups) {
    signal.throwIfAborted();
    try {
      const summary = await backUp(backup);
      printSummary(summary, output, options, traffic?.take());
      note?.({ name: backup.name, summary });
      exit = worseExit(exit, exitOf(summary, options));
    } catch (thrown) {
      const error = afterAbort(thrown, signal);
      note?.({ name: backup.name, error });
      if (backups.length === 1 || signal.aborted) throw error;
      const text = errorText(error, { verbose: options.verbose ?? false });
      output.text.fail(text.replace(/^vaultik:/, `vaultik: snapshot ${backup.name}:`));
      exit = worseExit(exit, exitCodeOf(error));
    }
  }
  return exit;
}

/** Exit code of a run that made this snapshot alone. */
export function exitOf({ incomplete, suspicious }: BackupSummary, { skipErrors }: CreateOptions): number {
  return suspicious.length > 0 || incomplete && !skipErrors ? EXIT_INCOMPLETE : 0;
}

/** Prints what came of one backup. */
export function printSummary(
  summary: BackupSummary,
  output: Output,
  options: CreateOptions,
  requests?: TrafficCounts,
): void {
  output.result(summary, backupSummaryText(summary), requests);
  if (summary.suspicious.length > 0) output.text.warn(suspiciousLine(summary));
  if (summary.unreadable.length > 0) reportUnreadable(summary.id, summary.unreadable, output, options);
}

/** Says what the snapshot lacks, and what to do. */
export function reportUnreadable(
  id: string,
  unreadable: BackupSummary["unreadable"],
  output: Output,
  options: CreateOptions,
): void {
  const count = unreadable.length === 1
    ? "1 file or directory"
    : `${formatCount(unreadable.length)} files or directories`;
  const accepted = options.skipErrors ? " (accepted by --skip-errors)" : "";
  output.text.warnList(
    `INCOMPLETE: ${id} lacks ${count} that could not be read${accepted}`,
    unreadable,
  );
  if (!options.skipErrors) output.text.warn(unreadableAdvice({ unreadable }));
}

function suspiciousLine({ id, suspicious }: BackupSummary): string {
  const reasons = suspicious.map(({ path, reason }) => `"${path}" ${reason}`).join("; ");
  return `SUSPICIOUS: ${id}: ${reasons}; older snapshots are kept for it. ` +
    `If it is right: vaultik snapshot accept ${id}`;
}
