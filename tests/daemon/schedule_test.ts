import assert from "node:assert/strict";
import {
  afterFailure,
  afterSuccess,
  backOffMs,
  clockSetBack,
  type Intervals,
  nextRun,
  passTicks,
  type Times,
} from "../../src/daemon/schedule.ts";
import { settledMs } from "../../src/daemon/settle.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const INTERVALS: Intervals = { backupMs: HOUR, fullScanMs: 24 * HOUR, minPauseMs: 15 * MINUTE };
const START: Times = { tickMs: 0, fullScanMs: 0 };

const NEXT: [name: string, times: Times, kind: string, atMs: number][] = [
  ["nothing has run: at the first tick", START, "changes", HOUR],
  ["a success long before the tick", { ...START, successMs: MINUTE }, "changes", HOUR],
  [
    "a success less than the pause before the tick",
    { ...START, successMs: 50 * MINUTE },
    "changes",
    65 * MINUTE,
  ],
  ["a success exactly the pause before", { ...START, successMs: 45 * MINUTE }, "changes", HOUR],
  ["the full scan is due before the tick", { ...START, tickMs: 23.5 * HOUR }, "full", 24 * HOUR],
  ["the full scan is due at the tick", { ...START, tickMs: 23 * HOUR }, "full", 24 * HOUR],
  ["the first failure", { ...START, failure: { atMs: 5, count: 1 } }, "retry", 5 + MINUTE],
  ["the third failure", { ...START, failure: { atMs: 5, count: 3 } }, "retry", 5 + 4 * MINUTE],
];

for (const [name, times, kind, atMs] of NEXT) {
  Deno.test(`nextRun(): ${name}`, () => assert.deepEqual(nextRun(times, INTERVALS), { kind, atMs }));
}

Deno.test("failures back off to an hour and stay there", () => {
  assert.deepEqual([1, 2, 6, 7, 8, 1000].map((count) => backOffMs(count) / MINUTE), [1, 2, 32, 60, 60, 60]);
});

Deno.test("passTicks() leaves the grid as it is, however many ticks were missed", () => {
  const times = { ...START, tickMs: 10 };
  assert.equal(passTicks(times, INTERVALS, 9).tickMs, 10);
  assert.equal(passTicks(times, INTERVALS, 9 + HOUR).tickMs, 10);
  assert.equal(passTicks(times, INTERVALS, 10 + HOUR).tickMs, 10 + HOUR);
  assert.equal(passTicks(times, INTERVALS, 100 * HOUR).tickMs, 10 + 99 * HOUR);
});

Deno.test("failures are counted; only the success of a full scan puts off the next one", () => {
  const failed = afterFailure(afterFailure(START, 7), 9);
  assert.deepEqual(failed.failure, { atMs: 9, count: 2 });
  const run = { startMs: 20, endMs: 30 };
  assert.deepEqual(afterSuccess(START, { ...run, isFull: false }), {
    tickMs: 0,
    fullScanMs: 0,
    successMs: 30,
  });
  assert.equal(afterSuccess(failed, { ...run, isFull: true }).fullScanMs, 20);
});

Deno.test("a clock that was set back takes all times with it", () => {
  const times: Times = { tickMs: 9, fullScanMs: 8, successMs: 7, failure: { atMs: 6, count: 1 } };
  const before = nextRun(times, INTERVALS);
  assert.equal(nextRun(clockSetBack(times, 5), INTERVALS).atMs, before.atMs - 5);
  const calm: Times = { tickMs: 9, fullScanMs: 8 };
  assert.deepEqual(clockSetBack(calm, 5), { tickMs: 4, fullScanMs: 3 });
});

Deno.test("a run waits for the end of a burst, but not for ever", () => {
  const times = { quietMs: 5, longestMs: 60 };
  assert.equal(settledMs(100, undefined, times), 100);
  assert.equal(settledMs(100, 50, times), 100);
  assert.equal(settledMs(100, 98, times), 103);
  assert.equal(settledMs(100, 140, times), 145);
  assert.equal(settledMs(100, 158, times), 160);
  assert.equal(settledMs(100, 9999, times), 160);
});
