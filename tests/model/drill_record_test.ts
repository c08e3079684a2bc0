import assert from "node:assert/strict";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { hostIdOf } from "../../src/model/host_id.ts";
import { decodeDrill, type DrillRecord, encodeDrill } from "../../src/model/drill_record.ts";
import { drillHealthOf, type HealthDrill } from "../../src/model/drill_health.ts";
import { drillName, parseDrillName } from "../../src/model/names.ts";
import { newSigningKey, publicKeyOf } from "../../src/seal/signature.ts";

const KEY = publicKeyOf(newSigningKey());
const RECORD: DrillRecord = {
  id: "20260102T030405Z-abcdefgh",
  host: hostIdOf(KEY),
  kind: "restore",
  finishedAt: "2026-01-02T03:04:05.678Z",
  durationMs: 1234,
  result: "good",
  snapshots: ["20260101T000000Z-abcdefgh-5e0c9b1f"],
  files: 20,
  bytes: 4096,
  objects: 3,
  problems: 0,
};

Deno.test("a drill's record comes back as it was", () => {
  assert.deepEqual(decodeDrill(encodeDrill(RECORD, KEY), RECORD), RECORD);
});

Deno.test("a record of another host, kind, time or version is refused", () => {
  const text = encodeDrill(RECORD, KEY);
  const other = publicKeyOf(newSigningKey());
  for (
    const [change, expected] of [
      [text, { ...RECORD, kind: "source" as const }],
      [text, { ...RECORD, id: "20270102T030405Z-abcdefgh" }],
      [text, { ...RECORD, host: hostIdOf(other) }],
      [encodeDrill(RECORD, other), RECORD],
      [text.replace('"files":20', '"files":-1'), RECORD],
      [text.replace('"good"', '"best"'), RECORD],
      ["{}", RECORD],
      ["", RECORD],
    ] as const
  ) assert.throws(() => decodeDrill(change, expected), CorruptionError);
  assert.throws(() => decodeDrill(text.replace(':2,"id"', ':3,"id"'), RECORD), UsageError);
});

Deno.test("names of records are read back, and nothing else is one", () => {
  const { id } = RECORD;
  assert.deepEqual(parseDrillName(drillName("source", id)), { kind: "source", id });
  for (
    const name of [
      "drills/source/x.json",
      `drills/${id}.json`,
      `drills/source/${id}`,
      `drills/a/b/${id}.json`,
    ]
  ) {
    assert.equal(parseDrillName(name), undefined);
  }
});

const HOUR_MS = 3_600_000;
const NOW = new Date("2026-01-10T00:00:00Z");
const drill = (change: Partial<HealthDrill> = {}): HealthDrill => ({
  kind: "source",
  result: "good",
  problems: 0,
  finishedAt: "2026-01-09T00:00:00Z",
  storedAt: "2026-01-09T00:00:00Z",
  ...change,
});

Deno.test("drillHealthOf() tells of damage, of what could not be seen, and of drills that do not come", () => {
  const table: [HealthDrill[], number | undefined, string, RegExp][] = [
    [[], undefined, "ok", /^$/],
    [[], HOUR_MS, "warning", /^it has had no drill$/],
    [[drill()], undefined, "ok", /^$/],
    [[drill()], 24 * HOUR_MS, "ok", /^$/],
    [[drill()], 24 * HOUR_MS - 1, "warning", /^its last drill is 1d old$/],
    [[drill({ finishedAt: "2030-01-01T00:00:00Z" })], HOUR_MS, "warning", /^its last drill is 1d old$/],
    [[drill({ result: "incomplete" })], undefined, "warning", /could not look at everything/],
    [
      [drill({ result: "damaged", problems: 2 })],
      undefined,
      "critical",
      /^the last drill \(source\) found 2 problems$/,
    ],
    [
      [drill(), drill({ kind: "restore", result: "damaged", problems: 1 })],
      undefined,
      "critical",
      /\(restore\) found 1 problem$/,
    ],
  ];
  for (const [last, intervalMs, state, problems] of table) {
    const health = drillHealthOf(last, intervalMs, NOW);
    assert.equal(health.state, state);
    assert.match(health.problems.join("; "), problems);
  }
});
