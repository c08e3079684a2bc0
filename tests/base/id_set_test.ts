import assert from "node:assert/strict";
import fc from "fast-check";
import { sha256, sha256Hex } from "../../src/base/digest.ts";
import { IdSet } from "../../src/base/id_set.ts";

const encoder = new TextEncoder();
const idOf = (number: number) => sha256Hex(encoder.encode(String(number)));

Deno.test("IdSet holds what was added, in order, each once, however it was added", () => {
  const set = new IdSet();
  const count = 5_000; // it grows three times
  for (let i = 0; i < count; i++) {
    if (i % 3 === 0) assert.equal(set.addText(idOf(i)), i);
    else if (i % 3 === 1) assert.equal(set.addHex(encoder.encode(`"${idOf(i)}"`), 1), i);
    else assert.equal(set.add(Uint8Array.of(0, ...sha256(encoder.encode(String(i)))), 1), i);
  }
  assert.equal(set.size, count);
  for (let i = 0; i < count; i++) {
    assert.equal(set.find(idOf(i)), i);
    assert.equal(set.addText(idOf(i)), i, "it is there");
  }
  assert.equal(set.size, count);
  assert.equal(set.has(idOf(count)), false);
  assert.deepEqual([...set], Array.from({ length: count }, (_, i) => idOf(i)));
});

const ADDS: [how: string, add: (set: IdSet, number: number) => number][] = [
  ["addText", (set, number) => set.addText(idOf(number))],
  ["addHex", (set, number) => set.addHex(encoder.encode(idOf(number)))],
  ["add", (set, number) => set.add(sha256(encoder.encode(String(number))))],
];
for (const [how, add] of ADDS) {
  Deno.test(`IdSet grows when it is full, though only ${how}() is called`, () => {
    const set = new IdSet();
    const count = 2_100; // it grows twice
    for (let i = 0; i < count; i++) assert.equal(add(set, i), i);
    assert.deepEqual([...set], Array.from({ length: count }, (_, i) => idOf(i)));
  });
}

Deno.test("IdSet that is full is asked for what it has and has not", () => {
  const set = new IdSet();
  for (let i = 0; i < 1_024; i++) set.addText(idOf(i));
  assert.equal(set.has(idOf(1_024)), false);
  assert.equal(set.find(idOf(1_023)), 1_023);
});

Deno.test("IdSet tells ids apart that differ in one bit, wherever it is", () => {
  const base = new Uint8Array(32).fill(0xa5);
  const set = new IdSet();
  set.add(base);
  for (let bit = 0; bit < 256; bit++) {
    const other = base.with(bit >> 3, base[bit >> 3]! ^ (1 << (bit & 7)));
    assert.equal(set.add(other), bit + 1);
  }
});

Deno.test("IdSet takes nothing for an id that is none", () => {
  const set = new IdSet();
  const id = idOf(1);
  for (
    const text of [
      id.slice(0, 63),
      `${id.slice(0, 63)}g`,
      id.toUpperCase(),
      `${id.slice(0, 31)} ${id.slice(32)}`,
    ]
  ) {
    assert.equal(set.addHex(encoder.encode(text)), -1, text);
  }
  assert.equal(set.size, 0);
});

Deno.test("IdSet is a set", () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 4_000 });
  fc.assert(
    fc.property(numbers, numbers, (added, asked) => {
      const set = new IdSet();
      const model = new Set<number>();
      for (const number of added) {
        set.addText(idOf(number));
        model.add(number);
      }
      assert.equal(set.size, model.size);
      for (const number of asked) assert.equal(set.has(idOf(number)), model.has(number));
    }),
    { numRuns: 10 },
  );
});
