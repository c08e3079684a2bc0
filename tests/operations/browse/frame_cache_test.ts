import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { concatBytes } from "../../../src/base/bytes.ts";
import { SharedArena } from "../../../src/base/shared_arena.ts";
import { sha256Hex } from "../../../src/base/digest.ts";
import { CorruptionError } from "../../../src/base/errors.ts";
import { encodeSeekTable } from "../../../src/blob/seek_table.ts";
import { compressFrame } from "../../../src/blob/zstd.ts";
import type { Place } from "../../../src/model/entry.ts";
import { FrameCache } from "../../../src/operations/browse/frame_cache.ts";
import { openingHere } from "../../../src/operations/browse/open_frame.ts";
import { HeaderOpener } from "../../../src/seal/age.ts";
import { TAG_BYTES } from "../../../src/seal/cipher.ts";
import { sealFile } from "../../../src/seal/file.ts";
import { KEYS } from "../machine.ts";

const FRAME_BYTES = 20_000;
const FRAMES = 6;
const KEPT = 2;

const contents = Array.from(
  { length: FRAMES },
  (_, frame) => Uint8Array.from({ length: FRAME_BYTES }, (_, i) => (i * (frame + 3)) >> 5),
);
const compressed = contents.map((bytes) => compressFrame(bytes, 3));
const table = encodeSeekTable(compressed.map(({ length }) => ({ stored: length, plain: FRAME_BYTES })));
const stored = await sealFile(concatBytes([...compressed, table]), [KEYS.recipient]);
const opener = new HeaderOpener([KEYS.identity]);
const source = {
  fetch: (_: string, offset: number, length: number) =>
    Promise.resolve(stored.slice(offset, offset + length)),
  openHeader: (header: Uint8Array) => opener.open(header),
};

function placeOf(frame: number): Place {
  const at = { offset: frame * FRAME_BYTES, length: FRAME_BYTES, id: sha256Hex(contents[frame]!) };
  return { blob: "ab".repeat(32), blobSize: stored.length, ...at };
}

/** As `source`, into memory that is given. */
const intoMemory = {
  ...source,
  async fetch(name: string, offset: number, length: number, into?: Uint8Array) {
    const bytes = await source.fetch(name, offset, length);
    into?.set(bytes);
    return into ?? bytes;
  },
};

/** A cache that holds {@link KEPT} frames, and how many bytes of opened ones are in memory that is not shared. */
function smallCache(plain?: SharedArena) {
  const opened: Uint8Array[] = [];
  const frames = new FrameCache(
    {
      ...openingHere,
      async open(request) {
        const bytes = await openingHere.open(request);
        if (request.into === undefined) opened.push(bytes);
        return bytes;
      },
    },
    KEPT * FRAME_BYTES,
    { plain },
  );
  return { frames, inMemory: () => opened.reduce((sum, { length }) => sum + length, 0) };
}

const read = (frames: FrameCache, frame: number) => frames.read(source, "blobs", placeOf(frame));

Deno.test("a frame that leaves the cache stays as long as someone reads it, and then gives its memory back", async () => {
  const { frames, inMemory } = smallCache();
  const first = await read(frames, 0);
  for (const other of [1, 2, 3]) (await read(frames, other))[Symbol.dispose]();
  assert.deepEqual(first.bytes, contents[0]);
  assert.equal(inMemory(), (KEPT + 1) * FRAME_BYTES);
  first[Symbol.dispose]();
  assert.equal(inMemory(), KEPT * FRAME_BYTES);
});

Deno.test("whoever reads what, as many at a time as they like, each gets the right bytes, and memory is bounded", async () => {
  const readers = fc.array(fc.array(fc.nat(FRAMES - 1), { minLength: 1, maxLength: 8 }), {
    minLength: 1,
    maxLength: 6,
  });
  const arena = fc.option(fc.integer({ min: 1, max: 4 * FRAME_BYTES }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(readers, arena, async (readers, arena) => {
      const plain = arena === undefined ? undefined : new SharedArena(new SharedArrayBuffer(arena), 100);
      const { frames, inMemory } = smallCache(plain);
      await Promise.all(readers.map(async (wanted) => {
        for (const frame of wanted) {
          using lent = await read(frames, frame);
          await null;
          assert.deepEqual(lent.bytes, contents[frame]);
        }
      }));
      assert.ok(inMemory() <= KEPT * FRAME_BYTES, `${inMemory()} bytes`);
    }),
    { numRuns: 100 },
  );
});

Deno.test("opened frames share the memory that there is, those go that were used longest ago, and what is lent stays", async () => {
  const plain = new SharedArena(new SharedArrayBuffer(2 * FRAME_BYTES));
  const { frames, inMemory } = smallCache(plain);
  const [first, second] = [await read(frames, 0), await read(frames, 1)];
  assert.equal(plain.takeNow(1), undefined);
  second[Symbol.dispose]();
  const third = await read(frames, 2);
  assert.equal(inMemory(), 0);
  // Both are lent, so that this one has memory of its own.
  const fourth = await read(frames, 3);
  assert.equal(inMemory(), FRAME_BYTES);
  assert.deepEqual([first, third, fourth].map(({ bytes }) => bytes), [0, 2, 3].map((i) => contents[i]));
  for (const lent of [first, third, fourth]) lent[Symbol.dispose]();
  const wrong = frames.read(source, "blobs", { ...placeOf(4), id: "00".repeat(32) });
  await assert.rejects(wrong, CorruptionError);
  assert.equal(plain.takeNow(2 * FRAME_BYTES)?.length, 2 * FRAME_BYTES);
});

Deno.test("who waits for a frame that another asked for by a wrong chunk gets it all the same", async () => {
  const { frames } = smallCache();
  const wrong = frames.read(source, "blobs", { ...placeOf(0), id: "00".repeat(32) });
  const right = read(frames, 0);
  await assert.rejects(wrong, CorruptionError);
  assert.deepEqual((await right).bytes, contents[0]);
});

Deno.test("contents are fetched into the memory that there is for it, which all get back", async () => {
  const arena = new SharedArena(new SharedArrayBuffer(stored.length + 2 * TAG_BYTES));
  const frames = new FrameCache(
    {
      ...openingHere,
      open(request) {
        assert.ok(request.sealed.buffer instanceof SharedArrayBuffer);
        return openingHere.open(request);
      },
    },
    KEPT * FRAME_BYTES,
    { sealed: arena },
  );
  const wrong = frames.read(intoMemory, "blobs", { ...placeOf(0), id: "00".repeat(32) });
  await assert.rejects(wrong, CorruptionError);
  await Promise.all(contents.map(async (bytes, frame) => {
    using lent = await frames.read(intoMemory, "blobs", placeOf(frame));
    assert.deepEqual(lent.bytes, bytes);
  }));
  assert.equal((await arena.take(arena.size)).length, arena.size);
});

Deno.test("only of a frame that someone waits for and that is the only one is it said that it is alone", async () => {
  const alone: (boolean | undefined)[] = [];
  const frames = new FrameCache({
    ...openingHere,
    open(request, isAlone) {
      alone.push(isAlone);
      return openingHere.open(request);
    },
  });
  (await read(frames, 0))[Symbol.dispose]();
  for (const lent of await Promise.all([read(frames, 1), read(frames, 2)])) lent[Symbol.dispose]();
  frames.prefetch(source, "blobs", placeOf(3));
  (await read(frames, 3))[Symbol.dispose]();
  (await read(frames, 4))[Symbol.dispose]();
  assert.deepEqual(alone, [true, false, false, false, true]);
});

Deno.test("of frames that are fetched together only those are lost that the damage touches", async () => {
  // Larger than the pieces that are sealed each by itself.
  const pages = Array.from({ length: 4 }, () => randomBytes(100_000));
  const frames = pages.map((bytes) => compressFrame(bytes, 3));
  const table = encodeSeekTable(frames.map(({ length }, i) => ({ stored: length, plain: pages[i]!.length })));
  const damaged = await sealFile(concatBytes([...frames, table]), [KEYS.recipient]);
  // Within the third frame, in the piece that has the end of the second too.
  damaged[damaged.length - 170_000]! ^= 1;
  const fetched: number[] = [];
  const fetch = (_: string, offset: number, length: number) => {
    fetched.push(length);
    return Promise.resolve(damaged.slice(offset, offset + length));
  };
  const places = pages.map((bytes, i) => ({
    blob: "cd".repeat(32),
    blobSize: damaged.length,
    offset: i * 100_000,
    length: bytes.length,
    id: sha256Hex(bytes),
  }));
  const texts = await new FrameCache(openingHere).texts({ ...source, fetch }, places);
  assert.deepEqual(
    texts.map((text) => text instanceof CorruptionError),
    [false, true, true, false],
  );
  assert.deepEqual(texts[3], new TextDecoder().decode(pages[3]));
  assert.equal(fetched.filter((length) => length >= 400_000).length, 2);
});
