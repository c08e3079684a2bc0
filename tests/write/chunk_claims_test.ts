import assert from "node:assert/strict";
import { concatBytes, fromHex } from "../../src/base/bytes.ts";
import type { Index } from "../../src/index/index.ts";
import { ChunkClaims } from "../../src/write/chunk_claims.ts";
import { ChunkSlots } from "../../src/write/chunk_slots.ts";
import { idOf, uploadOf, withIndex } from "../index/opened.ts";

/** Chunks of one page, and how many of them are awaited. */
function newSlots() {
  const owner = {
    pending: 0,
    wait: () => void owner.pending++,
    arrived: () => void owner.pending--,
  };
  return { owner, slots: new ChunkSlots(owner) };
}

function claim(claims: ChunkClaims, slots: ChunkSlots, file: number, ...bytes: number[]): number[] {
  const ids = concatBytes(bytes.map((byte) => fromHex(idOf(byte))));
  return bytes.map((_, i) => Number(claims.claim(slots, file, ids, i * 32, 9)));
}

/** The store has blob `blob` with these chunks, at offsets 100, 200 … */
function store(index: Index, claims: ChunkClaims, blob: number, ...bytes: number[]): number {
  const chunks = bytes.map((byte, i) => ({ id: idOf(byte), offset: 100 * (i + 1), length: 9 }));
  const upload = uploadOf(idOf(blob), "blobs", chunks);
  index.blobs.begin(upload);
  const number = index.blobs.finish(upload);
  claims.stored(upload, number);
  return number;
}

Deno.test("a chunk is wanted once, however often and for whatever page it is claimed", () =>
  withIndex((index) => {
    const claims = new ChunkClaims(index.blobs, "blobs");
    const [one, other] = [newSlots(), newSlots()];
    assert.deepEqual(claim(claims, one.slots, 0, 1, 2, 1), [1, 1, 0]);
    assert.deepEqual(claim(claims, other.slots, 0, 2, 3), [0, 1]);
    assert.deepEqual([one.owner.pending, other.owner.pending], [3, 2]);
    const number = store(index, claims, 0xb1, 2, 1);
    assert.deepEqual([one.owner.pending, other.owner.pending], [0, 1]);
    assert.deepEqual([0, 1, 2].map((slot) => one.slots.offset(slot)), [200, 100, 200]);
    assert.deepEqual([one.slots.blob(0), other.slots.blob(0)], [number, number]);
    assert.deepEqual(claim(claims, other.slots, 1, 1, 3), [0, 0]);
    assert.equal(other.owner.pending, 2, "what is in the store is known at once");
    store(index, claims, 0xb2, 3);
    assert.equal(other.owner.pending, 0);
  }));

Deno.test("a chunk that an earlier run stored is not wanted", () =>
  withIndex((index) => {
    const number = store(index, new ChunkClaims(index.blobs, "blobs"), 0xb1, 1);
    const claims = new ChunkClaims(index.blobs, "blobs");
    const { owner, slots } = newSlots();
    assert.deepEqual(claim(claims, slots, 0, 1, 2), [0, 1]);
    assert.deepEqual([owner.pending, slots.blob(0), slots.offset(0), slots.length(0)], [1, number, 100, 9]);
    const pages = new ChunkClaims(index.blobs, "pages");
    assert.deepEqual(claim(pages, slots, 0, 1), [1], "pages are another kind");
  }));

Deno.test("chunks of a file that is read again are dismissed, and go on to be reported", () =>
  withIndex((index) => {
    const claims = new ChunkClaims(index.blobs, "blobs");
    const { owner, slots } = newSlots();
    claim(claims, slots, 5, 1, 2);
    claim(claims, slots, 6, 4);
    slots.dismiss(5);
    claim(claims, slots, 5, 3, 2);
    const byFile = slots.byFile(8);
    assert.deepEqual([4, 5, 6, 7].map((file) => byFile.of(file)), [[], [3, 4], [2], []]);
    assert.deepEqual([5, 6, 7].map((file) => byFile.count(file)), [2, 1, 0]);
    store(index, claims, 0xb1, 1, 2, 3, 4);
    assert.equal(owner.pending, 0);
    assert.deepEqual([3, 4].map((slot) => slots.offset(slot)), [300, 200]);
  }));

Deno.test("ChunkSlots keeps very many chunks", () => {
  const { slots } = newSlots();
  const count = 5000;
  for (let i = 0; i < count; i++) {
    slots.set(slots.add(i % 3, fromHex(idOf(i & 0xff)), 0, i), 2 ** 31 - 1 - i, 2 ** 32 - 1 - i);
  }
  const byFile = slots.byFile(3);
  for (const file of [0, 1, 2]) {
    const own = Array.from({ length: count }, (_, slot) => slot).filter((slot) => slot % 3 === file);
    assert.deepEqual(byFile.of(file), own);
  }
  for (const i of [0, 127, 128, 129, 4095, 4096, count - 1]) {
    assert.equal(slots.hexId(i), idOf(i & 0xff));
    assert.deepEqual([slots.length(i), slots.blob(i), slots.offset(i)], [
      i,
      2 ** 31 - 1 - i,
      2 ** 32 - 1 - i,
    ]);
  }
});
