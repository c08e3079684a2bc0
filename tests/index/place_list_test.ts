import assert from "node:assert/strict";
import { PlaceList } from "../../src/index/place_list.ts";
import { idOf, uploadOf } from "./opened.ts";

Deno.test("PlaceList gives each place of a blob once, in the order of the blob", () => {
  using list = new PlaceList();
  const places = [
    { blob: idOf(1), blobSize: 1, offset: 4_000_000_000, length: 5, id: idOf(9) },
    { blob: idOf(1), blobSize: 1, offset: 0, length: 7, id: idOf(8) },
    { blob: idOf(2), blobSize: 1, offset: 0, length: 7, id: idOf(8) },
  ];
  for (const place of [...places, ...places]) list.add(place);
  assert.deepEqual(list.ids(idOf(1)), [idOf(8), idOf(9)]);
  assert.deepEqual(list.packed(idOf(1)), uploadOf("", "blobs", [places[1]!, places[0]!]).chunks);
  assert.deepEqual([list.ids(idOf(3)), list.packed(idOf(3)).length], [[], 0]);
});

Deno.test("PlaceList keeps two chunks that are said to be at one place", () => {
  using list = new PlaceList();
  for (const id of [idOf(5), idOf(4)]) list.add({ blob: idOf(1), blobSize: 1, offset: 3, length: 1, id });
  assert.deepEqual(list.ids(idOf(1)), [idOf(4), idOf(5)]);
});
