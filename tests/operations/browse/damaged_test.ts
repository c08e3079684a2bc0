import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import { CorruptionError } from "../../../src/base/errors.ts";
import { file, forge, storeChunks } from "../forge.ts";
import { Machine } from "../machine.ts";
import { browse, bytesOf, nodeAt } from "./browsed.ts";

Deno.test("a file that is looked into gives no byte that is not the one that was backed up", async () => {
  await using machine = await Machine.make();
  const contents = new TextEncoder().encode("right");
  const { places, object } = await storeChunks(machine, "blobs", [contents]);
  const [place] = atLeast(1, places);
  const wrong = { ...place, id: "00".repeat(32) };
  const { id } = await forge(machine, [file("/right", [place]), file("/wrong", [wrong])], [object]);
  const tree = await browse(machine, id);
  assert.deepEqual(await bytesOf(tree, await nodeAt(tree, "/right")), contents);
  const node = await nodeAt(tree, "/wrong");
  await assert.rejects(() => bytesOf(tree, node), CorruptionError);
});
