import type { DrillSummary } from "../operations/drill/drill_summary.ts";
import { escaped } from "./metric_text.ts";

/** Metric name, what it is for people. All are gauges with the labels `host` and `kind` (source, restore). */
const FAMILIES: ReadonlyMap<string, string> = new Map([
  [
    "vaultik_drill_status",
    "What came of the last drill: 0 damage was found, 1 not all could be looked at, 2 good",
  ],
  ["vaultik_drill_last_run_timestamp_seconds", "When the last drill ended"],
  ["vaultik_drill_last_success_timestamp_seconds", "When the last drill that found nothing wrong ended"],
  ["vaultik_drill_duration_seconds", "How long the last drill took"],
  ["vaultik_drill_files", "Files that the last drill compared"],
  ["vaultik_drill_size_bytes", "Bytes that the last drill compared"],
  ["vaultik_drill_problems", "Things that the last drill found wrong"],
]);

const OF_DRILL = /^(?:# (?:HELP|TYPE) )?(vaultik_drill_[a-z_]+)[ {]/;
const SAMPLE = /^(vaultik_drill_[a-z_]+)(\{host="(?:[^"\\\n]|\\.)*",kind="[a-z]+"\}) [-\d.e+]+$/;

/** The lines of `text`, a metrics file, that tell of drills; others are dropped, and so is what is malformed. */
export function drillLines(text: string): string[] {
  return [...FAMILIES].flatMap(([metric, help]) => {
    const lines = text.split("\n").filter((line) => SAMPLE.exec(line)?.[1] === metric);
    return lines.length === 0 ? [] : [`# HELP ${metric} ${help}`, `# TYPE ${metric} gauge`, ...lines];
  });
}

/** `previous`, a metrics file, with what came of a drill. All else in it stays. */
export function withDrill(previous: string, drill: DrillSummary, hostname: string): string {
  const labels = `{host="${escaped(hostname)}",kind="${drill.kind}"}`;
  const samples = new Map(valuesOf(drill));
  const others = previous.split("\n").filter((line) => line !== "" && !OF_DRILL.test(line));
  const kept = drillLines(previous).filter((line) => {
    const [, metric, own] = SAMPLE.exec(line) ?? [];
    return own !== labels || metric === undefined || !samples.has(metric);
  });
  const added = [...samples].map(([metric, value]) => `${metric}${labels} ${value}`);
  return [...others, ...drillLines([...kept, ...added].join("\n"))].map((line) => line + "\n").join("");
}

const STATUS = { damaged: 0, incomplete: 1, good: 2 };

function valuesOf(drill: DrillSummary): [string, number][] {
  const ended = Math.floor(Date.parse(drill.finishedAt) / 1000);
  return [
    ["vaultik_drill_status", STATUS[drill.result]],
    ["vaultik_drill_last_run_timestamp_seconds", ended],
    ...drill.result === "good"
      ? [["vaultik_drill_last_success_timestamp_seconds", ended] as [string, number]]
      : [],
    ["vaultik_drill_duration_seconds", drill.durationMs / 1000],
    ["vaultik_drill_files", drill.files],
    ["vaultik_drill_size_bytes", drill.bytes],
    ["vaultik_drill_problems", drill.problems.length],
  ];
}
