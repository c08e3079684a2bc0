import fc from "fast-check";
import assert from "node:assert/strict";
import { fillTimes } from "../../src/platform/write.ts";

const NS = 1_000_000_000n;

/** What `struct timespec` of the modification has, as one number. */
function modified(mtime: string): bigint {
  const view = new DataView(fillTimes(mtime).buffer);
  const nanoseconds = view.getBigInt64(24, true);
  assert.ok(nanoseconds >= 0n && nanoseconds < NS, `${nanoseconds} ns`);
  return view.getBigInt64(16, true) * NS + nanoseconds;
}

Deno.test("a time of modification goes to the kernel to the nanosecond, before 1970 too", () => {
  const limit = 2n ** 63n * NS - 1n;
  const times = fc.oneof(fc.bigInt({ min: -limit, max: limit }), fc.bigInt({ min: -3n * NS, max: 3n * NS }));
  const examples = [0n, 1n, -1n, NS, -NS, NS - 1n, 1n - NS, -NS - 1n, limit, -limit - 1n].map((
    time,
  ): [bigint] => [time]);
  fc.assert(fc.property(times, (time) => assert.equal(modified(String(time)), time)), { examples });
});

Deno.test("a time of modification leaves that of the last access alone", () => {
  const view = new DataView(fillTimes("5").buffer);
  assert.equal(view.getBigInt64(8, true), (1n << 30n) - 2n);
});
