import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import { displayPath, type Path } from "../model/path.ts";
import type { Change } from "../operations/restore/messages.ts";
import type { RestorePlan } from "../operations/restore/plan.ts";

const HOUR_MS = 3600 * 1000;

const MARKS: Readonly<Record<Change["what"], string>> = {
  new: "+",
  contents: "M",
  attributes: "a",
  replaced: "R",
  deleted: "-",
};
const LEGEND =
  "  + new, M other contents, a other owner, mode or time, R replaced by another kind, - deleted";

/** What would be changed in a target, an entry a line. */
export function changesText(changes: readonly Change[]): string[] {
  if (changes.length === 0) return [];
  return [LEGEND, ...changes.map(({ path, what }) => `  ${MARKS[what]} ${displayPath(path)}`)];
}

/** What is to be deleted in the target; all of it, as it is asked about. */
export function deletionsText(paths: readonly Path[], target: string): string {
  return [
    `Not in the snapshot, and to be deleted in ${target}:`,
    ...paths.map((path) => `  - ${displayPath(path)}`),
  ]
    .join("\n");
}

/** What a restore would do, for people. */
export function planText(plan: RestorePlan, changes: readonly Change[] = []): string {
  const { files, directories, others, bytes, classes } = plan;
  const objects = plan.objectsRead + plan.objects;
  const storedBytes = plan.bytesRead + plan.storedBytes;
  return [
    `Would restore ${plan.id} to ${plan.target}`,
    `  ${formatCount(files)} files, ${formatCount(directories)} directories, ${
      formatCount(others)
    } others, ` +
    `${formatSize(bytes)}, out of ${formatCount(objects)} objects of ${formatSize(storedBytes)}`,
    ...classes.map(({ storageClass, objects, bytes }) =>
      `  ${storageClass}: ${formatCount(objects)} objects, ${formatSize(bytes)}`
    ),
    ...plan.isCold ? ["  some of it is in cold storage: --retrieve asks it back and waits"] : [],
    ...plan.retrievals.map(({ speed, cost, hours }) =>
      plan.isCold
        ? `  ${speed}: about $${cost.toFixed(2)}, within ${formatDuration(hours * HOUR_MS)}`
        : `  reading it costs about $${cost.toFixed(2)}`
    ).slice(0, plan.isCold ? undefined : 1),
    ...plan.retrievals.length === 0
      ? []
      : ["  (list prices of S3 in us-east-1, November 2025, without traffic)"],
    ...changes.length === 0 ? [] : [`  ${formatCount(changes.length)} entries differ in the target`],
    ...changesText(changes),
  ].join("\n");
}
