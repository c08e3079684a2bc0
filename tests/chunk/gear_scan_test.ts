import assert from "node:assert/strict";
import fc from "fast-check";
import { gearTable } from "../../src/chunk/gear.ts";
import { GearScan } from "../../src/chunk/gear_scan.ts";
import { randomBytes } from "./random.ts";

const gear = gearTable(new Uint8Array(32).map((_, i) => i));
/** More than two of the blocks in which a scan looks at its bytes. */
const bytes = randomBytes(1, 100_000);

/** The gear hash as it is defined: behind the first of `bytes[at..end)` where it has no bit of `mask`, or -1. */
function plainFind(from: number, at: number, end: number, mask: number): number {
  let hash = 0;
  for (let i = from; i < end; i++) {
    hash = ((hash << 1) + gear[bytes[i]!]!) | 0;
    if (i >= at && (hash & mask) === 0) return i + 1;
  }
  return -1;
}

Deno.test("a scan finds what a plain loop finds, wherever it begins and ends, also in two parts", () => {
  const scan = new GearScan(gear);
  const place = () => fc.integer({ min: 0, max: bytes.length });
  fc.assert(
    fc.property(place(), place(), place(), place(), fc.integer({ min: 0, max: 32 }), (a, b, c, d, bits) => {
      const [from, at, middle, end] = [a, b, c, d].sort((x, y) => x - y) as [number, number, number, number];
      const mask = bits === 0 ? 0 : -1 << (32 - bits);
      scan.begin(bytes, from, at);
      const early = scan.find(bytes, at, middle, mask);
      const found = early >= 0 ? early : scan.find(bytes, middle, end, mask);
      assert.equal(found, plainFind(from, at, end, mask));
    }),
    { numRuns: 200 },
  );
});

Deno.test("scans with different tables do not disturb each other", () => {
  const other = new GearScan(gearTable(new Uint8Array(32)));
  const scan = new GearScan(gear);
  const mask = -1 << 20;
  scan.begin(bytes, 0, 10);
  other.begin(bytes, 0, 50);
  const ofOther = other.find(bytes, 50, bytes.length, mask);
  assert.equal(scan.find(bytes, 10, bytes.length, mask), plainFind(0, 10, bytes.length, mask));
  assert.notEqual(ofOther, plainFind(0, 50, bytes.length, mask));
});
