import { ArchivedError, CorruptionError } from "../base/errors.ts";
import { EXIT_INCOMPLETE, exitCodeOf } from "../base/exit_codes.ts";
import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import type { Path } from "../model/path.ts";
import type { Change } from "../operations/restore/messages.ts";
import type { RestoreSummary } from "../operations/restore/options.ts";
import { planRestore, type RestorePlan } from "../operations/restore/plan.ts";
import { restore as restoreSnapshot, type RestorePart } from "../operations/restore/restore.ts";
import type { Traffic } from "../store/traffic.ts";
import type { RestoreFlags } from "./restore_flags.ts";
import { Output } from "./output.ts";
import { planText } from "./restore_plan_text.ts";

/** Says what would be restored and changed, and what cannot be; the exit code. */
export async function showRestorePlan(
  parts: readonly RestorePart[],
  deletions: readonly Path[],
  flags: RestoreFlags,
  { output, traffic }: { readonly output: Output; readonly traffic: Traffic },
): Promise<number> {
  const compared: RestoreSummary[] = [];
  const plans: (RestorePlan & { readonly changes: readonly Change[] })[] = [];
  for (const [i, { tools, options }] of parts.entries()) {
    const plan = await withAdvice(planRestore(tools, options));
    const found = options.overwrite === undefined ? undefined : await restoreSnapshot(tools, options);
    if (found !== undefined) compared.push(found);
    const deleted = i === 0 ? deletions.map((path) => ({ path, what: "deleted" as const })) : [];
    plans.push({ ...plan, changes: [...found?.changes ?? [], ...deleted] });
  }
  const words = plans.map((plan) => planText(plan, plan.changes)).join("\n");
  output.result(plans.length === 1 ? plans[0] : { snapshots: plans }, words, traffic.take());
  return restoreVerdict(compared, output, flags);
}

/** Names what is not there as it should be; the exit code. */
export function restoreVerdict(
  summaries: readonly RestoreSummary[],
  output: Output,
  { special, dryRun }: RestoreFlags,
): number {
  const failed = summaries.flatMap((summary) => summary.failed);
  if (failed.length > 0) {
    const what = dryRun ? "looked at" : "written";
    output.text.warnList(`ERROR: ${filesIn(failed)} could not be ${what} here`, failed);
  }
  for (const { id, damaged } of summaries) {
    if (damaged.length === 0) continue;
    output.text.warnList(
      `DAMAGED: ${filesIn(damaged)} of ${id} ${dryRun ? "cannot" : "could not"} be restored whole`,
      damaged,
    );
  }
  if (summaries.some(({ damaged }) => damaged.length > 0)) return exitCodeOf(new CorruptionError());
  const isMissing = special !== false && summaries.some(({ notMade }) => notMade > 0);
  return failed.length > 0 || isMissing ? EXIT_INCOMPLETE : 0;
}

function filesIn(list: readonly unknown[]): string {
  return list.length === 1 ? "1 file" : `${formatCount(list.length)} files`;
}

/** Adds, where objects are archived, what can be done about it. */
export async function withAdvice<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ArchivedError)) throw error;
    const advice = "--dry-run says what asking it back costs, --retrieve standard asks, waits and goes on";
    throw new ArchivedError(`${error.message}; ${advice}`, { cause: error });
  }
}

/** What was restored. */
export function restoreText(summary: RestoreSummary): string {
  const { files, directories, others, bytes, bytesAgain } = summary;
  const again = bytesAgain === 0 ? "" : ` (${formatSize(bytesAgain)} of it more than once)`;
  return `Restored ${summary.id} to ${summary.target}\n` +
    `  ${formatCount(files)} files, ${formatCount(directories)} directories, ${
      formatCount(others)
    } others, ` +
    `${formatSize(bytes)}; fetched ${formatSize(summary.bytesDownloaded)}${again} of ${
      formatCount(summary.objectsRead)
    } objects in ${formatDuration(summary.durationMs)}`;
}
