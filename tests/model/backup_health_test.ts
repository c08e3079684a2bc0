import assert from "node:assert/strict";
import {
  healthOf,
  type HealthSnapshot,
  type HealthState,
  worstState,
} from "../../src/model/backup_health.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date("2026-03-01T12:00:00Z");
const LIMITS = { warnMs: 26 * HOUR, criticalMs: 50 * HOUR };

function snapshot(ageMs: number, change: Partial<HealthSnapshot> = {}): HealthSnapshot {
  const at = new Date(NOW.getTime() - ageMs).toISOString();
  return {
    id: `id ${ageMs}`,
    finishedAt: at,
    storedAt: at,
    incomplete: false,
    suspicious: false,
    bytes: 100,
    ...change,
  };
}

const in365Days = new Date(NOW.getTime() + 365 * DAY).toISOString();
const before365Days = new Date(NOW.getTime() - 365 * DAY).toISOString();

const CASES: [what: string, snapshots: HealthSnapshot[], state: HealthState, problems: string[]][] = [
  ["fresh", [snapshot(HOUR)], "ok", []],
  ["almost old", [snapshot(26 * HOUR - 1)], "ok", []],
  ["old", [snapshot(26 * HOUR)], "warning", ["the last good snapshot is 1d2h old"]],
  ["very old", [snapshot(50 * HOUR)], "critical", ["the last good snapshot is 2d2h old"]],
  ["good before a suspicious one", [snapshot(HOUR, { suspicious: true }), snapshot(2 * HOUR)], "warning", [
    `id ${HOUR} is suspicious`,
  ]],
  ["old before an incomplete one", [snapshot(HOUR, { incomplete: true }), snapshot(27 * HOUR)], "warning", [
    "the last good snapshot is 1d3h old",
    `id ${HOUR} is incomplete`,
  ]],
  ["suspicious alone", [snapshot(HOUR, { suspicious: true })], "critical", [
    "no snapshot is good",
    `id ${HOUR} is suspicious`,
  ]],
  ["good after a suspicious one", [snapshot(HOUR), snapshot(2 * HOUR, { suspicious: true })], "ok", []],
  ["of a clock that is a year ahead", [snapshot(HOUR, { finishedAt: in365Days })], "warning", [
    "its host's clock is 365d1h ahead",
  ]],
  [
    "of a dead host whose clock was a year ahead",
    [snapshot(60 * HOUR, { finishedAt: in365Days })],
    "critical",
    [
      "the last good snapshot is 2d12h old",
      "its host's clock is 367d12h ahead",
    ],
  ],
  ["of a clock that is a year behind", [snapshot(HOUR, { finishedAt: before365Days })], "critical", [
    "the last good snapshot is 365d old",
  ]],
  ["copied today, but made long ago", [snapshot(60 * HOUR, { storedAt: NOW.toISOString() })], "critical", [
    "the last good snapshot is 2d12h old",
  ]],
];
for (const [what, snapshots, state, problems] of CASES) {
  Deno.test(`healthOf() a source set whose last snapshot is ${what}`, () => {
    for (const order of [snapshots, snapshots.toReversed()]) {
      const health = healthOf(order, LIMITS, NOW);
      assert.deepEqual([health.state, health.problems], [state, problems]);
    }
  });
}

Deno.test("healthOf() compares the size with that of a week before, where it is known", () => {
  const growth = (...snapshots: HealthSnapshot[]) => healthOf(snapshots, LIMITS, NOW).weekGrowthBytes;
  const old = (days: number, bytes?: number) => snapshot(days * DAY, { bytes });
  assert.equal(growth(old(0, 100), old(6, 10), old(7, 40), old(8, 20)), 60);
  assert.equal(growth(old(0, 10), old(9, 40)), -30);
  assert.equal(growth(old(0, 100), old(6, 10)), undefined);
  assert.equal(growth(old(0, 100), old(8)), undefined);
});

Deno.test("worstState() of several", () => {
  assert.equal(worstState([]), "ok");
  assert.equal(worstState(["ok", "warning"]), "warning");
  assert.equal(worstState(["warning", "critical", "ok"]), "critical");
});
