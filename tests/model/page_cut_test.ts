import assert from "node:assert/strict";
import fc from "fast-check";
import { cutListPages, endsPage, FNV_START, hashPath } from "../../src/model/page_cut.ts";
import { sha256Hex } from "../../src/base/digest.ts";
import { fileName } from "./arbitraries.ts";

/** FNV-1a by the book, in big numbers. */
function slowHash(path: string): number {
  let hash = 0x811c9dc5n;
  for (const character of path) {
    hash = ((hash ^ BigInt(character.charCodeAt(0))) * 0x01000193n) & 0xffff_ffffn;
  }
  return Number(BigInt.asIntN(32, hash));
}

Deno.test("hashPath() is FNV-1a", () => {
  // From the reference vectors of FNV (isthe.com/chongo).
  const VECTORS: [string, number][] = [["", 0x811c9dc5], ["a", 0xe40c292c], ["foobar", 0xbf9cf968]];
  for (const [text, hash] of VECTORS) assert.equal(hashPath(FNV_START, text) >>> 0, hash);
  fc.assert(fc.property(fileName, (name) => assert.equal(hashPath(FNV_START, name), slowHash(name))));
});

Deno.test("hashPath() of a path in parts is that of the whole", () => {
  fc.assert(fc.property(fc.array(fileName, { maxLength: 6 }), (names) => {
    const hash = names.reduce((hash, name) => hashPath(hashPath(hash, "/"), name), FNV_START);
    assert.equal(hash, hashPath(FNV_START, names.map((name) => "/" + name).join("")));
  }));
});

const SHAPES: [what: string, path: (i: number) => string][] = [
  ["numbered files", (i) => `/srv/data/file-${i}.txt`],
  ["a directory for each file", (i) => `/home/user/${i}/mail/inbox`],
  ["long common prefixes", (i) => `/${"deep/".repeat(60)}${i}`],
  ["hashes as names", (i) => `/blobs/${sha256Hex(new Uint8Array([i, i >> 8, i >> 16]))}`],
];

for (const [what, path] of SHAPES) {
  Deno.test(`endsPage() ends a page after about 1,024 entries for ${what}`, () => {
    const count = 100_000;
    let cuts = 0;
    for (let i = 0; i < count; i++) if (endsPage(hashPath(FNV_START, path(i)))) cuts++;
    // The number of cuts is Poisson distributed: 98 on average, five deviations either way.
    assert.ok(cuts > 48 && cuts < 148, `${cuts} cuts in ${count}`);
  });
}

const GOLDEN_CUTS = [1843, 2316, 2336, 3458, 3759, 4884, 6191, 8106, 9271];

Deno.test("endsPage() ends pages where it always did: the cut is part of the format", () => {
  const cuts: number[] = [];
  for (let i = 0; i < 10_000; i++) if (endsPage(hashPath(FNV_START, `/srv/file-${i}`))) cuts.push(i);
  assert.deepEqual(cuts, GOLDEN_CUTS);
});

Deno.test("a list page ends where the last ten bits of an id are zero", () => {
  const ENDS: [tail: string, ends: boolean][] = [
    ["0000", true],
    ["fc00", true],
    ["0400", true],
    ["0001", false],
    ["0200", false],
    ["0100", false],
    ["03ff", false],
  ];
  for (const [tail, ends] of ENDS) {
    const chunks = [{ id: "f".repeat(60) + tail }, { id: "f".repeat(64) }];
    assert.equal(cutListPages(chunks).length === 2, ends, tail);
  }
});
