import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import { drillAgeMs } from "../model/drill_health.ts";
import type { FleetStatus, HostDrills, SetStatus } from "../operations/status.ts";
import { table } from "./output.ts";

/** A table of source sets, and one of drills. */
export function statusText({ sets, drills, hostProblems }: FleetStatus, now: Date): string {
  if (sets.length + hostProblems.length === 0) return "No hosts yet";
  const head = ["HOST", "NAME", "STATE", "AGE", "LAST (UTC)", "SNAPSHOTS", "SIZE", "7 DAYS", ""];
  const rows = sets.map((set) => [
    set.label,
    set.name,
    set.state,
    set.ageMs === undefined ? "" : formatDuration(set.ageMs),
    set.newestAt.replace("T", " ").replace(/(\.\d+)?Z$/, ""),
    formatCount(set.snapshots),
    set.bytes === undefined ? "" : formatSize(set.bytes),
    growth(set),
    set.problems.join("; "),
  ]);
  const problems = hostProblems.map(({ label, state, problem }) => [
    label,
    "",
    state,
    "",
    "",
    "",
    "",
    "",
    problem,
  ]);
  return `${table([head, ...rows, ...problems], [3, 5, 6, 7])}\n\n${drillTable(drills, now)}`;
}

/** When each host was seen to be restorable. */
function drillTable(drills: readonly HostDrills[], now: Date): string {
  const head = ["HOST", "LAST DRILL", "RESULT", "LAST PROVEN RESTORABLE", ""];
  const rows = drills.map(({ label, drills: { source, restore }, ageMs, state, problems }) => {
    const proven = restore?.lastGood;
    return [
      label,
      ageMs === undefined ? "never" : `${formatDuration(ageMs)} ago`,
      source === undefined && restore === undefined ? "" : state,
      proven === undefined
        ? "never: vaultik drill --identity FILE"
        : `${formatDuration(drillAgeMs(proven, now))} ago, ${formatCount(proven.files)} files`,
      problems.join("; "),
    ];
  });
  return table([head, ...rows]);
}

function growth({ weekGrowthBytes }: SetStatus): string {
  if (weekGrowthBytes === undefined) return "";
  return `${weekGrowthBytes < 0 ? "-" : "+"}${formatSize(Math.abs(weekGrowthBytes))}`;
}
