import assert from "node:assert/strict";
import fc from "fast-check";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import {
  cutLists,
  decodeList,
  encodeList,
  endsList,
  LIST_BLOBS_MAX,
  LIST_TEXT_MAX,
  type NamedBlob,
  nameOf,
} from "../../src/model/blob_list.ts";
import { id } from "./arbitraries.ts";

const blob = fc.tuple(fc.constantFrom("blobs" as const, "pages" as const), id, fc.maxSafeNat());
/** Half of them end a list. */
const someId = fc.tuple(id, fc.boolean()).map(([id, ends]) => ends ? `${id.slice(0, -4)}fe00` : id);
const identity = (id: string) => id;

Deno.test("decodeList() is the inverse of encodeList()", () =>
  fc.assert(fc.property(fc.array(blob, { maxLength: 20 }), (blobs) => {
    assert.deepEqual(decodeList(encodeList(blobs)), blobs);
  })));

Deno.test("lists and what is left are the blobs in their order, and cuts are where an id says", () =>
  fc.assert(fc.property(fc.array(someId, { maxLength: 30 }), (ids) => {
    const { lists, tail } = cutLists(ids, identity);
    assert.deepEqual([...lists.flat(), ...tail], ids);
    for (const list of lists) assert.deepEqual(list.map(endsList), list.map((_, i) => i === list.length - 1));
    assert.ok(!tail.some(endsList));
  })));

Deno.test("blobs that come at the end leave all full lists as they were", () =>
  fc.assert(fc.property(fc.array(someId, { maxLength: 30 }), fc.array(someId), (ids, more) => {
    const { lists } = cutLists(ids, identity);
    assert.deepEqual(cutLists([...ids, ...more], identity).lists.slice(0, lists.length), lists);
  })));

Deno.test("a list has 4,096 blobs at most, and its text is within its bound", () => {
  const ids = Array.from(
    { length: 2 * LIST_BLOBS_MAX + 5 },
    (_, i) => i.toString(16).padStart(60, "0") + "0001",
  );
  const { lists, tail } = cutLists(ids, identity);
  assert.deepEqual([...lists.map(({ length }) => length), tail.length], [LIST_BLOBS_MAX, LIST_BLOBS_MAX, 5]);
  const text = encodeList(lists[0].map((id): NamedBlob => ["blobs", id, Number.MAX_SAFE_INTEGER]));
  assert.ok(text.length < LIST_TEXT_MAX);
  assert.equal(decodeList(text).length, LIST_BLOBS_MAX);
});

const ID = "ab".repeat(32);
const BLOB = `["blobs","${ID}",5]`;

const DAMAGED: [what: string, text: string][] = [
  ["an empty text", ""],
  ["text that is cut short", `{"vaultik_list":2,"blobs":[${BLOB}]`],
  ["null", "null"],
  ["another version", `{"vaultik_list":1,"blobs":[${BLOB}]}`],
  ["no blobs", '{"vaultik_list":2}'],
  ["blobs that are no list", '{"vaultik_list":2,"blobs":{}}'],
  ["a list among the blobs", `{"vaultik_list":2,"blobs":[["lists","${ID}",5]]}`],
  ["an id that is a path", `{"vaultik_list":2,"blobs":[["blobs","${"../".repeat(21)}x",5]]}`],
  ["a negative size", `{"vaultik_list":2,"blobs":[["blobs","${ID}",-5]]}`],
  ["no size", `{"vaultik_list":2,"blobs":[["blobs","${ID}"]]}`],
  ["too many blobs", `{"vaultik_list":2,"blobs":[${Array(LIST_BLOBS_MAX + 1).fill(BLOB)}]}`],
];

for (const [what, text] of DAMAGED) {
  Deno.test(`decodeList() refuses ${what}`, () => assert.throws(() => decodeList(text), CorruptionError));
}

Deno.test("decodeList() says of a newer list that this program is old", () =>
  assert.throws(() => decodeList('{"vaultik_list":3}'), UsageError));

Deno.test("nameOf() is the name of the object", () =>
  assert.equal(nameOf(["pages", ID, 1]), `pages/ab/ab/${ID}`));
