import assert from "node:assert/strict";
import { retrievals } from "../../src/model/retrieval.ts";
import { isCold } from "../../src/model/storage_classes.ts";

const GIB = 2 ** 30;

Deno.test("only Glacier's two deep classes are cold", () => {
  const classes = ["GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "STANDARD_IA", "STANDARD", undefined];
  assert.deepEqual(classes.map(isCold), [true, true, false, false, false, false]);
});

Deno.test("retrievals() adds bytes and requests, and takes the slowest time", () => {
  const amounts = [
    { storageClass: "GLACIER", objects: 1000, bytes: 100 * GIB },
    { storageClass: "DEEP_ARCHIVE", objects: 2000, bytes: 10 * GIB },
  ];
  const found = retrievals(amounts).map(({ speed, cost, hours }) => [speed, Number(cost.toFixed(4)), hours]);
  assert.deepEqual(found, [["bulk", 0.075, 48], ["standard", 1.45, 12]]);
});

Deno.test("retrievals() offers a speed only where all classes have it", () => {
  const speeds = (storageClass: string) =>
    retrievals([{ storageClass, objects: 1, bytes: GIB }]).map(({ speed }) => speed);
  assert.deepEqual(speeds("GLACIER"), ["bulk", "standard", "expedited"]);
  assert.deepEqual(speeds("DEEP_ARCHIVE"), ["bulk", "standard"]);
});

Deno.test("classes that are read at once cost what they cost, and others nothing", () => {
  const cost = (storageClass: string) => retrievals([{ storageClass, objects: 1, bytes: 10 * GIB }])[0]!.cost;
  assert.deepEqual(["GLACIER_IR", "STANDARD_IA", "STANDARD", "OTHER"].map(cost), [0.3, 0.1, 0, 0]);
});
