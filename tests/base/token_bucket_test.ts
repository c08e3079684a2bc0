import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenBucket } from "../../src/base/token_bucket.ts";

Deno.test("TokenBucket lets a debt be paid by time", () => {
  const bucket = new TokenBucket();
  const table: [atMs: number, rate: number | undefined, delayMs: number, spend: number][] = [
    [0, 1000, 0, 500],
    [0, 1000, 500, 0],
    [200, 1000, 300, 0],
    [500, 1000, 0, 2000],
    [500, 1000, 2000, 0],
    [500, 4000, 500, 0], // a higher rate pays sooner
    [1000, 4000, 0, 0],
    [60_000, 4000, 0, 4000], // a pause counts a second at most
    [60_000, 4000, 0, 4000],
    [60_000, 4000, 1000, 4000],
    [60_000, undefined, 0, 1_000_000],
    [60_000, undefined, 0, 0],
    [60_000, 1000, 0, 0], // what went without a limit is no debt
    [50_000, 1000, 0, 500], // a clock set back pays nothing
    [50_000, 1000, 500, 0],
  ];
  for (const [row, [atMs, rate, delayMs, spend]] of table.entries()) {
    assert.equal(bucket.delayMs(atMs, rate), delayMs, `row ${row}`);
    bucket.spend(spend);
  }
});

Deno.test("TokenBucket keeps to the rate on average, whatever the pieces and the pauses", () => {
  const piece = fc.record({
    bytes: fc.integer({ min: 1, max: 5000 }),
    pauseMs: fc.integer({ min: 0, max: 3000 }),
  });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 2 }), fc.integer({ min: 1, max: 10_000 }), (pieces, rate) => {
      const bucket = new TokenBucket();
      let nowMs = 0;
      let sent = 0;
      for (const { bytes, pauseMs } of pieces) {
        nowMs += pauseMs;
        nowMs += bucket.delayMs(nowMs, rate);
        assert.ok(sent <= rate * (nowMs / 1000 + 1) * (1 + 1e-9), `${sent} bytes in ${nowMs} ms`);
        bucket.spend(bytes);
        sent += bytes;
      }
    }),
  );
});
