import assert from "node:assert/strict";
import type { Manifest } from "../../../src/model/manifest.ts";
import { blobName, manifestName, pinName, snapshotName } from "../../../src/model/names.ts";
import { copiesAtOnce, CopyPlanner } from "../../../src/operations/copy/copy_plan.ts";

const id = (digit: string) => digit.repeat(64);

function manifest(name: string, blobs: readonly (readonly [string, number])[]): Manifest {
  return {
    id: name,
    blobs,
    pages: [[id("f"), 100]],
    snapshot: { sha256: id("e"), size: 10 },
  } as unknown as Manifest;
}

Deno.test("CopyPlanner counts each object that the target lacks once, with the first snapshot that needs it", () => {
  const planner = new CopyPlanner(new Map([[blobName("blobs", id("a")), 1]]));
  planner.add(manifest("one", [[id("a"), 1], [id("b"), 2]]), []);
  planner.add(manifest("two", [[id("b"), 2], [id("c"), 4]]), [pinName("two")]);
  const { snapshots, missing, bytes, objectsPresent } = planner.plan;
  assert.deepEqual(snapshots, [
    { id: "one", objects: 3, bytes: 112, isWhole: false, beside: [] },
    { id: "two", objects: 2, bytes: 14, isWhole: false, beside: [pinName("two")] },
  ]);
  assert.deepEqual([missing.size, bytes, objectsPresent], [5, 126, 1]);
});

Deno.test("CopyPlanner takes a snapshot for whole only where everything is there with its size, manifest and pin too", () => {
  const whole = new Map([
    [blobName("blobs", id("a")), 1],
    [blobName("pages", id("f")), 100],
    [snapshotName("one"), 10],
    [manifestName("one"), 5],
    [pinName("one"), 3],
  ]);
  const isWhole = (present: ReadonlyMap<string, number>) => {
    const planner = new CopyPlanner(present);
    planner.add(manifest("one", [[id("a"), 1]]), [pinName("one")]);
    return planner.plan.snapshots[0].isWhole;
  };
  assert.equal(isWhole(whole), true);
  for (const name of whole.keys()) {
    assert.equal(isWhole(new Map([...whole].filter(([other]) => other !== name))), false, name);
  }
  assert.equal(isWhole(new Map([...whole, [blobName("blobs", id("a")), 2]])), false);
});

Deno.test("copiesAtOnce() bounds what is held", () => {
  const mib = 1024 * 1024;
  const table: [number, number][] = [[0, 8], [1, 8], [16 * mib, 8], [17 * mib, 7], [128 * mib, 1], [
    512 * mib,
    1,
  ]];
  for (const [largest, count] of table) assert.equal(copiesAtOnce(largest), count, `${largest}`);
});
