import { formatCount } from "../base/units.ts";
import type { RepairPlan, RepairSummary } from "../operations/repair/repair.ts";
import { Output } from "./output.ts";
import { warnOfProblem } from "./problem_text.ts";

/** What is wrong, and which files have to be read again for it. */
export function showRepairPlan({ problems, known, files }: RepairPlan, { text }: Output): void {
  if (problems.length === 0) return;
  text.warn(`DAMAGED: ${formatCount(problems.length)} objects:`);
  for (const problem of problems) warnOfProblem(problem, text);
  text.say(`This host's index knows what was in ${formatCount(known.length)} of them`);
  if (files.length === 0) return;
  const same = files.filter(({ state }) => state === "same").length;
  text.say(
    `${formatCount(files.length)} files have data there, of which ${formatCount(same)} are as they were:`,
  );
  for (const { path, state } of files) text.say(`  ${path}${state === "same" ? "" : ` (${state})`}`);
}

/** What came of a repair. */
export function repairText({ problems, dryRun, backups, healed, left }: RepairSummary): string {
  if (problems.length === 0) return "Nothing is damaged";
  if (dryRun) return "Nothing was changed";
  const made = backups.length === 0 ? "" : `Stored again in ${backups.join(", ")}\n`;
  const count = healed.length === 1 ? "1 older snapshot" : `${formatCount(healed.length)} older snapshots`;
  return `${made}${count} now say where their data is; ${
    left.length === 0
      ? "everything is whole"
      : `${formatCount(left.length)} objects could not be healed altogether`
  }`;
}
