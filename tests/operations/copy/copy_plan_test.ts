import assert from "node:assert/strict";
import type { Manifest } from "../../../src/model/manifest.ts";
import type { ListRef, NamedBlob } from "../../../src/model/blob_list.ts";
import { blobName, listName, manifestName, pinName, snapshotName } from "../../../src/model/names.ts";
import { copiesAtOnce, CopyPlanner } from "../../../src/operations/copy/copy_plan.ts";

const id = (digit: string) => digit.repeat(64);

const PAGES: NamedBlob = ["pages", id("f"), 100];

/** The manifest of a snapshot that needs `blobs` and {@link PAGES}, as the planner takes it. */
function needing(
  name: string,
  blobs: readonly (readonly [string, number])[],
  lists: readonly ListRef[] = [],
) {
  const manifest = { id: name, lists, snapshot: { sha256: id("e"), size: 10 } } as unknown as Manifest;
  return [manifest, [...blobs.map(([id, size]): NamedBlob => ["blobs", id, size]), PAGES]] as const;
}

Deno.test("CopyPlanner counts each object that the target lacks once, with the first snapshot that needs it", () => {
  const planner = new CopyPlanner(new Map([[blobName("blobs", id("a")), 1]]));
  planner.add(...needing("one", [[id("a"), 1], [id("b"), 2]], [[id("9"), 7, 2]]), []);
  planner.add(...needing("two", [[id("b"), 2], [id("c"), 4]], [[id("9"), 7, 2]]), [pinName("two")]);
  const { snapshots, missing, bytes, objectsPresent } = planner.plan;
  assert.deepEqual(snapshots, [
    { id: "one", objects: 4, bytes: 119, isWhole: false, isKept: false, beside: [] },
    { id: "two", objects: 2, bytes: 14, isWhole: false, isKept: false, beside: [pinName("two")] },
  ]);
  assert.deepEqual([missing.size, bytes, objectsPresent], [6, 133, 1]);
});

Deno.test("CopyPlanner takes a snapshot for whole only where everything is there with its size, manifest and pin too", () => {
  const whole = new Map([
    [blobName("blobs", id("a")), 1],
    [blobName("pages", id("f")), 100],
    [listName(id("9")), 7],
    [snapshotName("one"), 10],
    [manifestName("one"), 5],
    [pinName("one"), 3],
  ]);
  const isWhole = (present: ReadonlyMap<string, number>) => {
    const planner = new CopyPlanner(present);
    planner.add(...needing("one", [[id("a"), 1]], [[id("9"), 7, 1]]), [pinName("one")]);
    return planner.plan.snapshots[0]!.isWhole;
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
