import type { DrillSummary } from "../../src/operations/drill/drill_summary.ts";

/** What a drill that went well has found. */
export const DRILL: DrillSummary = {
  kind: "source",
  host: "abcdefghijklmnopqrstuvwxyz",
  finishedAt: "2026-01-01T00:00:05.900Z",
  durationMs: 1500,
  result: "good",
  snapshots: [],
  files: 20,
  bytes: 4096,
  objects: 3,
  changed: 0,
  problems: [],
  unchecked: [],
};
