import type { Problem } from "../operations/verify/problems.ts";
import type { TextReport } from "../report/text.ts";

/** Snapshots that are named for an object; `--json` has all. */
const SNAPSHOTS_NAMED = 3;

/** Says what is wrong with an object, who needs it, and what is lost with it. */
export function warnOfProblem({ object, state, snapshots, files }: Problem, text: TextReport): void {
  const named = snapshots.slice(0, SNAPSHOTS_NAMED).join(", ");
  const more = snapshots.length > SNAPSHOTS_NAMED ? ` and ${snapshots.length - SNAPSHOTS_NAMED} more` : "";
  const title = `  "${object}" ${state}${snapshots.length === 0 ? "" : `; needed by ${named}${more}`}`;
  if (files.length === 0) return text.warn(title);
  text.warnList(
    `${title}; lost with it`,
    files.map(({ path, snapshots }) => ({ path: `  ${path}`, reason: inSnapshots(snapshots) })),
  );
}

function inSnapshots(snapshots: readonly string[]): string {
  return snapshots.length === 1 ? snapshots[0]! : `${snapshots.length} snapshots, as ${snapshots[0]}`;
}
