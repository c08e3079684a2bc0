import assert from "node:assert/strict";
import fc from "fast-check";
import { sha256Hex } from "../../src/base/digest.ts";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import {
  cutLists,
  decodeList,
  encodeList,
  LIST_BLOBS_MAX,
  LIST_TEXT_MAX,
  type NamedBlob,
  nameOf,
} from "../../src/model/blob_list.ts";
import { id } from "./arbitraries.ts";

const blob = fc.tuple(fc.constantFrom("blobs" as const, "pages" as const), id, fc.maxSafeNat());

Deno.test("decodeList() is the inverse of encodeList()", () =>
  fc.assert(fc.property(fc.array(blob, { maxLength: 20 }), (blobs) => {
    assert.deepEqual(decodeList(encodeList(blobs)), blobs);
  })));

/** Blobs of both kinds, so many that there are lists of each. */
const many = fc.array(fc.tuple(fc.constantFrom("blobs" as const, "pages" as const), fc.nat()), {
  minLength: 1_500,
  maxLength: 2_500,
}).map((some) =>
  some.map(([kind, number], i): NamedBlob => [kind, sha256Hex(Uint8Array.of(number, i, i >> 8)), 1])
);

Deno.test("lists and what is left are the blobs of each kind in their order", () =>
  fc.assert(
    fc.property(many, (blobs) => {
      const { lists, tail } = cutLists(blobs);
      const cut = [...lists.flat(), ...tail];
      for (const kind of ["blobs", "pages"] as const) {
        const of = (some: readonly NamedBlob[]) => some.filter(([of]) => of === kind);
        assert.deepEqual(of(cut), of(blobs));
      }
      for (const list of lists) assert.equal(new Set(list.map(([kind]) => kind)).size, 1);
      assert.ok(Math.max(tail.length, ...lists.map(({ length }) => length)) <= LIST_BLOBS_MAX);
    }),
    { numRuns: 20 },
  ));

Deno.test("blobs that come at the end leave all full lists as they were", () =>
  fc.assert(
    fc.property(many, many, (blobs, more) => {
      const grown = new Set(cutLists([...blobs, ...more]).lists.map((list) => JSON.stringify(list)));
      for (const list of cutLists(blobs).lists) assert.ok(grown.has(JSON.stringify(list)));
    }),
    { numRuns: 20 },
  ));

Deno.test("page blobs that go leave all lists of data blobs as they were", () => {
  const blobs = fc.sample(many, { numRuns: 1, seed: 1 })[0]!;
  const data = (some: readonly NamedBlob[]) =>
    cutLists(some).lists.filter(([first]) => first![0] === "blobs");
  assert.ok(data(blobs).length > 0);
  assert.deepEqual(data(blobs.filter(([kind], i) => kind === "blobs" || i % 2 === 0)), data(blobs));
});

Deno.test("the text of the longest list is within its bound", () => {
  const text = encodeList(Array(LIST_BLOBS_MAX).fill(["blobs", "ab".repeat(32), Number.MAX_SAFE_INTEGER]));
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
