import assert from "node:assert/strict";
import fc from "fast-check";
import { atLeast } from "../../src/base/at_least.ts";
import { fromHex } from "../../src/base/bytes.ts";
import { Index } from "../../src/index/index.ts";
import { id as anyId } from "../model/arbitraries.ts";
import { idOf, uploadOf, withIndex, withPath } from "./opened.ts";

const BLOB = idOf(0xb1);
const OTHER = idOf(0xb2);
const CHUNKS = [
  { id: idOf(0xc1), offset: 0, length: 5 },
  { id: idOf(0xc2), offset: 2 ** 32 - 1, length: 2 ** 32 - 1 },
];
const bytesOf = (byte: number) => fromHex(idOf(byte));

Deno.test("a chunk is known once the store has its blob, and not before", () =>
  withIndex(({ blobs }) => {
    const upload = uploadOf(BLOB, "blobs", CHUNKS);
    blobs.begin(upload);
    assert.equal(blobs.locate("blobs", bytesOf(0xc1)), undefined);
    blobs.finish(upload);
    for (const chunk of CHUNKS) {
      assert.deepEqual(blobs.locate("blobs", fromHex(chunk.id)), { blob: BLOB, blobSize: 1000, ...chunk });
    }
    assert.equal(blobs.locate("blobs", bytesOf(0xc3)), undefined);
  }));

Deno.test("chunks and pages of the same id are distinguished", () =>
  withIndex(({ blobs }) => {
    blobs.finish(uploadOf(BLOB, "blobs", CHUNKS));
    assert.equal(blobs.locate("pages", bytesOf(0xc1)), undefined);
    blobs.finish(uploadOf(OTHER, "pages", [{ ...CHUNKS[0]!, offset: 77 }]));
    assert.equal(blobs.locate("pages", bytesOf(0xc1))!.offset, 77);
    assert.equal(blobs.locate("blobs", bytesOf(0xc1))!.offset, 0);
  }));

Deno.test("a chunk that is stored twice stays where it was first", () =>
  withPath((path) => {
    {
      using index = new Index(path);
      for (const upload of [uploadOf(BLOB, "blobs", CHUNKS), uploadOf(OTHER, "blobs", CHUNKS)]) {
        index.blobs.begin(upload);
        index.blobs.finish(upload);
      }
      assert.equal(index.blobs.locate("blobs", bytesOf(0xc1))!.blob, BLOB);
    }
    using index = new Index(path);
    assert.deepEqual(index.blobs.interrupted(), []);
    assert.equal(index.blobs.locate("blobs", bytesOf(0xc1))!.blob, BLOB);
  }));

Deno.test("chunks are found again after the index was closed, also many of them", () =>
  withPath((path) => {
    const ids = fc.sample(anyId, { numRuns: 5000, seed: 1 });
    const chunks = [...new Set(ids)].map((id, i) => ({ id, offset: i * 10, length: i }));
    {
      using index = new Index(path);
      const upload = uploadOf(BLOB, "blobs", chunks);
      index.blobs.begin(upload);
      index.blobs.finish(upload);
    }
    using index = new Index(path);
    assert.deepEqual(index.blobs.interrupted(), []);
    for (const chunk of chunks) {
      assert.deepEqual(index.blobs.locate("blobs", fromHex(chunk.id)), {
        blob: BLOB,
        blobSize: 1000,
        ...chunk,
      });
    }
  }));

Deno.test("interrupted() gives the uploads that began and of which the end is not known", () =>
  withPath((path) => {
    const [finished, abandoned, open] = atLeast(
      3,
      [BLOB, OTHER, idOf(0xb3)].map((id) => uploadOf(id, "blobs", CHUNKS, 7)),
    );
    {
      using index = new Index(path);
      for (const upload of [finished, abandoned, open]) index.blobs.begin(upload);
      index.blobs.finish(finished);
      index.blobs.abandon(abandoned.id);
    }
    using index = new Index(path);
    const [interrupted, ...others] = atLeast(1, index.blobs.interrupted());
    assert.deepEqual(others, []);
    assert.deepEqual({ ...interrupted, chunks: new Uint8Array(interrupted.chunks) }, open);
    index.blobs.finish(interrupted);
    assert.deepEqual(index.blobs.interrupted(), []);
    assert.equal(index.blobs.all().length, 2);
  }));

Deno.test("begin() twice for one blob is one upload", () =>
  withIndex(({ blobs }) => {
    blobs.begin(uploadOf(BLOB, "blobs", CHUNKS, 1));
    blobs.begin(uploadOf(BLOB, "blobs", CHUNKS, 2));
    assert.deepEqual(blobs.interrupted().map((upload) => upload.size), [2]);
  }));

Deno.test("blobs have numbers, ids, kinds and sizes", () =>
  withIndex(({ blobs }) => {
    assert.ok(blobs.isEmpty("blobs"));
    blobs.finish(uploadOf(BLOB, "blobs", CHUNKS, 10));
    assert.ok(!blobs.isEmpty("blobs") && blobs.isEmpty("pages"));
    blobs.finish(uploadOf(OTHER, "pages", [], 2 ** 40));
    const numbers = [blobs.numberOf(OTHER), blobs.numberOf(BLOB)];
    assert.deepEqual([...blobs.describe(numbers)], [
      { id: OTHER, kind: "pages", size: 2 ** 40 },
      { id: BLOB, kind: "blobs", size: 10 },
    ]);
    assert.deepEqual(blobs.all().map((blob) => blob.id).sort(), [BLOB, OTHER]);
    assert.throws(() => blobs.numberOf(idOf(1)), /no blob/);
    assert.throws(() => blobs.storedBlob(999), /no blob/);
  }));

Deno.test("finish() gives the same number for a blob that is known", () =>
  withIndex(({ blobs }) => {
    const upload = uploadOf(BLOB, "blobs", CHUNKS);
    assert.equal(blobs.finish(upload), blobs.finish(upload));
    assert.equal(blobs.all().length, 1);
  }));

Deno.test("forget() forgets blobs and what was in them, and no others", () =>
  withIndex(({ blobs }) => {
    blobs.finish(uploadOf(BLOB, "blobs", CHUNKS.slice(0, 1)));
    blobs.finish(uploadOf(OTHER, "blobs", CHUNKS.slice(1)));
    blobs.sortIn();
    const number = blobs.numberOf(BLOB);
    blobs.forget([number]);
    assert.equal(blobs.locate("blobs", bytesOf(0xc1)), undefined);
    assert.equal(blobs.locate("blobs", bytesOf(0xc2))!.blob, OTHER);
    assert.throws(() => blobs.storedBlob(number), /no blob/);
    assert.deepEqual(blobs.all().map((blob) => blob.id), [OTHER]);
  }));

Deno.test("the number of a forgotten blob that is given again is the next blob's", () =>
  withIndex(({ blobs }) => {
    const number = blobs.finish(uploadOf(BLOB, "blobs", CHUNKS));
    assert.equal(blobs.storedBlob(number)[0], BLOB);
    blobs.forget([number]);
    assert.equal(blobs.finish(uploadOf(OTHER, "blobs", CHUNKS)), number);
    assert.equal(blobs.storedBlob(number)[0], OTHER);
    assert.equal(blobs.locate("blobs", bytesOf(0xc1))!.blob, OTHER);
  }));

Deno.test("forget() forgets chunks of a blob that was stored just now, also for the next run", () =>
  withPath((path) => {
    {
      using index = new Index(path);
      const upload = uploadOf(BLOB, "blobs", CHUNKS);
      index.blobs.begin(upload);
      index.blobs.forget([index.blobs.finish(upload)]);
      assert.equal(index.blobs.locate("blobs", bytesOf(0xc1)), undefined);
    }
    using index = new Index(path);
    assert.deepEqual(index.blobs.interrupted(), []);
    assert.equal(index.blobs.locate("blobs", bytesOf(0xc1)), undefined);
  }));
