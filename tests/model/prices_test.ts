import assert from "node:assert/strict";
import { AWS_PRICES, monthlyCost } from "../../src/model/prices.ts";

const GIB = 2 ** 30;

Deno.test("monthlyCost() takes the price of the class, else the default, else says nothing", () => {
  const prices = { perGiB: { STANDARD: 2, COLD: 0.5, default: 3 }, basis: "" };
  const table: [number, string | undefined, number][] = [
    [GIB, "STANDARD", 2],
    [10 * GIB, "COLD", 5],
    [GIB, "OTHER", 3],
    [GIB, undefined, 3],
    [0, "COLD", 0],
  ];
  for (const [bytes, storageClass, cost] of table) {
    assert.equal(monthlyCost(bytes, storageClass, prices), cost, storageClass);
  }
  assert.equal(monthlyCost(GIB, "OTHER", { perGiB: { COLD: 1 }, basis: "" }), undefined);
  assert.equal(monthlyCost(GIB, undefined, { perGiB: { COLD: 1 }, basis: "" }), undefined);
});

Deno.test("AWS's cold classes cost less than its warm ones", () => {
  const price = (name: string) => monthlyCost(GIB, name, AWS_PRICES)!;
  const classes = ["STANDARD", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"];
  assert.deepEqual(classes.toSorted((a, b) => price(b) - price(a)), classes);
});
