import assert from "node:assert/strict";
import { withDrill } from "../../src/report/drill_metrics.ts";
import { metricsText } from "../../src/report/metrics.ts";
import { SUMMARY } from "../notices/outcomes.ts";
import { DRILL } from "./drill_summary.ts";
import { strict } from "./strict_metrics.ts";

const OPTIONS = {
  hostname: "web1",
  now: new Date("2026-01-01T00:00:06Z"),
  expectedIntervalMs: 86_400_000,
  isRestic: false,
  version: "1.2.3",
  names: ["home"],
};
const BACKUP = metricsText(
  "",
  [{ name: "home", paths: ["/home"], status: "success", summary: SUMMARY }],
  OPTIONS,
);
const of = (text: string, metric: string, kind: string, host = "web1") =>
  strict(text).get(`${metric}{host="${host}",kind="${kind}"}`);

Deno.test("the metrics of a drill and of backups stand side by side, whichever comes last", () => {
  const text = withDrill(BACKUP, DRILL, "web1");
  assert.equal(of(text, "vaultik_drill_status", "source"), 2);
  assert.equal(of(text, "vaultik_drill_last_run_timestamp_seconds", "source"), 1767225605);
  assert.equal(of(text, "vaultik_drill_duration_seconds", "source"), 1.5);
  assert.ok(text.startsWith(BACKUP));
  assert.equal(
    metricsText(text, [{ name: "home", paths: ["/home"], status: "success", summary: SUMMARY }], OPTIONS),
    text,
  );
});

Deno.test("a drill that found damage keeps when the last good one was; other kinds and hosts stay", () => {
  const first = withDrill(withDrill("", DRILL, 'w"1'), { ...DRILL, kind: "restore" }, "web1");
  const problems = [{ what: "x", state: "is missing" }];
  const later = {
    ...DRILL,
    kind: "restore" as const,
    result: "damaged" as const,
    problems,
    finishedAt: "2026-01-02T00:00:00Z",
  };
  const text = withDrill(first, later, "web1");
  assert.equal(of(text, "vaultik_drill_status", "restore"), 0);
  assert.equal(of(text, "vaultik_drill_problems", "restore"), 1);
  assert.equal(of(text, "vaultik_drill_last_success_timestamp_seconds", "restore"), 1767225605);
  assert.equal(of(text, "vaultik_drill_last_run_timestamp_seconds", "restore"), 1767312000);
  assert.equal(of(text, "vaultik_drill_status", "source", 'w\\"1'), 2);
  assert.doesNotThrow(() => strict(withDrill(text + "vaultik_drill_status rubbish\n", DRILL, "web1")));
});
