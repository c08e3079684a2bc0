import assert from "node:assert/strict";
import type { Progress } from "../../src/report/events.ts";
import { bytesPerMs, nextRate, type Rate, timeLeftMs } from "../../src/report/rate.ts";
import { fractionDone } from "../../src/report/work.ts";

export function progress(more: Partial<Progress> = {}): Progress {
  return {
    stage: "backup",
    entriesDone: 0,
    entriesFound: 0,
    bytesDone: 0,
    bytesFound: 0,
    allKnown: true,
    bytesTransferred: 0,
    errors: 0,
    ...more,
  };
}

Deno.test("fractionDone() is unknown until all is known, and never above 1", () => {
  assert.equal(fractionDone(progress({ allKnown: false, bytesDone: 5, bytesFound: 10 })), undefined);
  assert.equal(fractionDone(progress()), 1);
  assert.equal(fractionDone(progress({ bytesFound: 10 })), 0);
  assert.equal(fractionDone(progress({ bytesDone: 5, bytesFound: 10 })), 0.5);
  assert.equal(fractionDone(progress({ bytesDone: 11, bytesFound: 10 })), 1);
  assert.equal(fractionDone(progress({ entriesDone: 1, entriesFound: 4 })), 0.25);
});

Deno.test("fractionDone() goes by what there was the last time, or by what was found where that is more", () => {
  const expected = { entries: 0, bytes: 100 };
  assert.equal(fractionDone(progress({ allKnown: false, bytesDone: 5, bytesFound: 10, expected })), 0.05);
  assert.equal(fractionDone(progress({ allKnown: false, bytesDone: 50, bytesFound: 200, expected })), 0.25);
  assert.equal(fractionDone(progress({ bytesDone: 50, bytesFound: 50, expected })), 1);
});

Deno.test("fractionDone() does not count what is on its way", () => {
  assert.equal(fractionDone(progress({ bytesDone: 100, bytesFound: 100, bytesPending: 40 })), 0.6);
  assert.equal(fractionDone(progress({ bytesDone: 10, bytesFound: 100, bytesPending: 40 })), 0);
});

const TOTAL = 100_000_000;

/** The rates of a run of which `bytesAt` says what is done after so many seconds. */
function ratesOf(bytesAt: (second: number) => number, seconds: number) {
  let rate: Rate | undefined;
  return Array.from({ length: seconds + 1 }, (_, second) => {
    const seen = progress({ bytesDone: bytesAt(second), bytesFound: TOTAL });
    rate = nextRate(rate, seen, second * 1000);
    return { rate, left: timeLeftMs(seen, rate) };
  });
}

Deno.test("at a steady speed the time left is right from the third second on", () => {
  const run = ratesOf((second) => second * 1_000_000, 60);
  assert.equal(run[2]!.left, undefined);
  for (let second = 3; second <= 60; second++) {
    assert.ok(Math.abs(run[second]!.left! - (100 - second) * 1000) < 100, `${second}`);
    assert.ok(Math.abs(bytesPerMs(run[second]!.rate) - 1000) < 1);
  }
});

Deno.test("where work is done in large steps on a slow line, the time left neither jumps nor stands still", () => {
  // 4 MiB every 20 seconds.
  const run = ratesOf((second) => Math.floor(second / 20) * 4_194_304, 300);
  for (let second = 120; second <= 300; second++) {
    const { rate, left } = run[second]!;
    const ideal = TOTAL / (4_194_304 / 20) - second;
    assert.ok(Math.abs(left! / 1000 - ideal) < 0.35 * ideal + 20, `${second}: ${left} for ${ideal}`);
    assert.ok(rate.samples.length < 20);
  }
});

Deno.test("when nothing moves any more the speed falls and the time left grows", () => {
  const run = ratesOf((second) => Math.min(second, 30) * 1_000_000, 90);
  for (let second = 31; second <= 90; second++) {
    assert.ok(bytesPerMs(run[second]!.rate) < bytesPerMs(run[second - 1]!.rate));
    assert.ok(run[second]!.left! > run[second - 1]!.left!);
  }
});

Deno.test("a change of speed shows within the window", () => {
  const run = ratesOf(
    (second) => second <= 60 ? second * 100_000 : 6_000_000 + (second - 60) * 1_000_000,
    95,
  );
  assert.ok(Math.abs(bytesPerMs(run[60]!.rate) - 100) < 1);
  assert.ok(Math.abs(bytesPerMs(run[95]!.rate) - 1000) < 1);
});

Deno.test("nextRate() starts again when counters go back", () => {
  const before = nextRate(nextRate(undefined, progress(), 0), progress({ bytesDone: 100 }), 1000);
  assert.equal(bytesPerMs(nextRate(before, progress({ bytesDone: 50 }), 2000)), 0);
});

Deno.test("timeLeftMs() is unknown without a rate, and 0 at the end", () => {
  assert.equal(timeLeftMs(progress({ bytesFound: 10 }), undefined), undefined);
  const run = ratesOf((second) => second * 10_000_000, 10);
  assert.equal(run[10]!.left, 0);
});
