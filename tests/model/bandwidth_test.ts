import assert from "node:assert/strict";
import { type BandwidthLimits, ratesAt } from "../../src/model/bandwidth.ts";

const limits: BandwidthLimits = {
  upload: 100,
  download: undefined,
  schedule: [
    { from: 8 * 60, to: 18 * 60, upload: 10, download: 20 },
    { from: 12 * 60, to: 13 * 60, upload: 1, download: 1 },
    { from: 22 * 60 + 30, to: 6 * 60, upload: undefined, download: 30 },
  ],
};

Deno.test("ratesAt() takes the first of the schedule that holds, also over midnight, else what always holds", () => {
  const table: [hour: number, minute: number, upload: number | undefined, download: number | undefined][] = [
    [7, 59, 100, undefined],
    [8, 0, 10, 20],
    [12, 30, 10, 20],
    [17, 59, 10, 20],
    [18, 0, 100, undefined],
    [22, 29, 100, undefined],
    [22, 30, undefined, 30],
    [0, 0, undefined, 30],
    [5, 59, undefined, 30],
    [6, 0, 100, undefined],
  ];
  for (const [hour, minute, upload, download] of table) {
    const { upload: sent, download: received } = ratesAt(limits, new Date(2026, 5, 1, hour, minute, 30));
    assert.deepEqual([sent, received], [upload, download], `${hour}:${minute}`);
  }
});

Deno.test("ratesAt() takes from and to at the same minute for the whole day", () => {
  const always = { ...limits, schedule: [{ from: 60, to: 60, upload: 5, download: 5 }] };
  for (const hour of [0, 1, 12, 23]) assert.equal(ratesAt(always, new Date(2026, 5, 1, hour, 0)).upload, 5);
});
