import assert from "node:assert/strict";
import type { Progress } from "../../src/report/events.ts";
import { fractionDone, nextRate, type Rate, timeLeftMs } from "../../src/report/rate.ts";

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

Deno.test("nextRate() settles at a steady speed and the time left follows from it", () => {
  let rate: Rate | undefined;
  let seen = progress();
  for (let second = 0; second <= 60; second++) {
    seen = progress({ bytesDone: second * 1_000_000, bytesFound: 100_000_000 });
    rate = nextRate(rate, seen, second * 1000);
  }
  assert.ok(Math.abs(rate!.bytesPerMs - 1000) < 1);
  assert.ok(Math.abs(timeLeftMs(seen, rate)! - 40_000) < 100);
});

Deno.test("nextRate() follows a change of speed smoothly", () => {
  const steady: Rate = { atMs: 0, workDone: 0, bytesDone: 0, workPerMs: 100, bytesPerMs: 100 };
  const stalled = nextRate(steady, progress({ bytesFound: 1 }), 1000);
  assert.ok(stalled.bytesPerMs > 80 && stalled.bytesPerMs < 100);
  const long = nextRate(steady, progress({ bytesFound: 1 }), 60_000);
  assert.ok(long.bytesPerMs < 1);
});

Deno.test("nextRate() starts again when counters go back, and keeps still when no time has passed", () => {
  const before: Rate = { atMs: 10, workDone: 100, bytesDone: 100, workPerMs: 5, bytesPerMs: 5 };
  assert.equal(nextRate(before, progress({ bytesDone: 50 }), 20).bytesPerMs, 0);
  assert.equal(nextRate(before, progress({ bytesDone: 200 }), 10), before);
});

Deno.test("timeLeftMs() is unknown without a rate and 0 at the end", () => {
  const rate: Rate = { atMs: 0, workDone: 10, bytesDone: 10, workPerMs: 1, bytesPerMs: 1 };
  assert.equal(timeLeftMs(progress({ bytesFound: 10 }), undefined), undefined);
  assert.equal(timeLeftMs(progress({ bytesFound: 10 }), { ...rate, workPerMs: 0 }), undefined);
  assert.equal(timeLeftMs(progress({ bytesFound: 10, allKnown: false }), rate), undefined);
  assert.equal(timeLeftMs(progress({ bytesDone: 10, bytesFound: 10 }), rate), 0);
});
