import assert from "node:assert/strict";
import fc from "fast-check";
import { atLeast } from "../../src/base/at_least.ts";
import { sha256, sha256Hex } from "../../src/base/digest.ts";
import { CorruptionError, NotFoundError, UnavailableError } from "../../src/base/errors.ts";
import { compressFrame } from "../../src/blob/zstd.ts";
import type { Place } from "../../src/model/entry.ts";
import { blobName } from "../../src/model/names.ts";
import { BlobReader, type BlobSource } from "../../src/read/blob_reader.ts";
import { OPENING_BYTES } from "../../src/read/opened_blob.ts";
import { BlobWriter, type SealedBlob } from "../../src/write/blob_writer.ts";
import { BufferRing } from "../../src/write/buffer_ring.ts";
import { emptyBlob } from "../../src/write/empty_blob.ts";
import { HeaderOpener } from "../../src/seal/age.ts";
import { openFile } from "../../src/seal/file.ts";
import { randomBytes } from "../chunk/random.ts";
import { ageDecrypt, agePath, whyWithoutAge } from "../seal/age_program.ts";
import { KEYS } from "../operations/machine.ts";

const opener = new HeaderOpener([KEYS.identity]);

/** Blobs in memory, and what was asked of them. */
class Shelf implements BlobSource {
  readonly blobs = new Map<string, Uint8Array>();
  readonly chunks = new Map<string, Place>();
  readonly fetched: [offset: number, length: number][] = [];

  readonly keep = (blob: SealedBlob): Promise<void> => {
    assert.equal(blob.id, sha256Hex(new Uint8Array(blob.buffer, 0, blob.size)));
    this.blobs.set(blobName(blob.kind, blob.id), new Uint8Array(blob.buffer, 0, blob.size).slice());
    const view = new DataView(blob.chunks.buffer, blob.chunks.byteOffset, blob.chunks.byteLength);
    for (let at = 0; at < blob.chunks.length; at += 40) {
      const id = Array.from(blob.chunks.subarray(at, at + 32), (byte) => byte.toString(16).padStart(2, "0"))
        .join("");
      const [offset, length] = [view.getUint32(at + 32, true), view.getUint32(at + 36, true)];
      this.chunks.set(id, { blob: blob.id, blobSize: blob.size, offset, length, id });
    }
    return Promise.resolve();
  };

  fetch(name: string, offset: number, length: number): Promise<Uint8Array> {
    this.fetched.push([offset, length]);
    const bytes = this.blobs.get(name);
    if (bytes === undefined) return Promise.reject(new NotFoundError(`Cannot read "${name}": not there`));
    if (offset + length > bytes.length) return Promise.reject(new CorruptionError("Cannot read: too short"));
    return Promise.resolve(bytes.slice(offset, offset + length));
  }

  openHeader = (header: Uint8Array) => opener.open(header);
}

function newWriter(shelf: Shelf, blobSizeBytes = 1 << 22, store = shelf.keep): BlobWriter {
  const ring = new BufferRing({ count: 2, sizeBytes: blobSizeBytes });
  return new BlobWriter({
    kind: "blobs",
    compressionLevel: 1,
    takeEmpty: (plainBytes) => emptyBlob([KEYS.recipient], ring, plainBytes),
    store: (blob) => store(blob).finally(() => ring.give(blob)),
  });
}

async function shelve(chunks: readonly Uint8Array[], blobSizeBytes?: number): Promise<Shelf> {
  const shelf = new Shelf();
  const writer = newWriter(shelf, blobSizeBytes);
  for (const chunk of chunks) await writer.add(chunk, sha256(chunk));
  await writer.flush();
  return shelf;
}

/** Reads the chunks; their ids, and what is said to be damaged. */
async function readAll(
  shelf: Shelf,
  places: Iterable<Place>,
): Promise<{ good: string[]; damaged: string[] }> {
  const reader = new BlobReader(shelf, "blobs");
  const good: string[] = [];
  const damaged: string[] = [];
  for (const [blob, own] of Map.groupBy(places, (place) => place.blob)) {
    const onDamage = (places: readonly Place[]) => void damaged.push(...places.map(({ id }) => id));
    for await (const [place, bytes] of reader.read(blob, own, onDamage)) {
      assert.equal(sha256Hex(bytes), place.id);
      good.push(place.id);
    }
  }
  return { good, damaged };
}

const MIB = 1 << 20;
const SIZES: [what: string, sizes: number[]][] = [
  ["one byte", [1]],
  ["many small ones", Array.from({ length: 3000 }, (_, i) => 1 + i % 700)],
  ["around the size of a frame", [MIB - 1, MIB, MIB + 1, 1, MIB, 5]],
  ["around the size of a piece", [65_535, 65_536, 65_537, 1]],
  ["small and large ones", [10, 3 * MIB, 20, 30, 2 * MIB, 40]],
  ["one larger than a blob", [6 * MIB, 1]],
];

for (const [what, sizes] of SIZES) {
  Deno.test(`BlobReader reads what BlobWriter wrote, chunks being ${what}`, async () => {
    const chunks = sizes.map((size, i) => randomBytes(i + 1, size));
    const shelf = await shelve(chunks, 1 << 22);
    const ids = new Set(chunks.map((chunk) => sha256Hex(chunk)));
    const { good, damaged } = await readAll(shelf, shelf.chunks.values());
    assert.deepEqual([new Set(good), good.length, damaged], [ids, ids.size, []]);
    for (const [name, { length }] of shelf.blobs) {
      assert.ok(length <= 1 << 22 || sizes.some((size) => size > 1 << 22), `${name} has ${length} bytes`);
    }
  });
}

Deno.test("BlobReader reads any chunks of blobs of any sizes", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 1 << 14, max: 1 << 20 }),
      fc.nat(),
      async (sizes, blobSize, pick) => {
        const shelf = await shelve(sizes.map((size, i) => randomBytes(i + 1, size)), blobSize);
        const some = [...shelf.chunks.values()].filter((_, i) => (pick >> i % 30) & 1);
        const { good, damaged } = await readAll(shelf, some);
        assert.deepEqual([good.sort(), damaged], [some.map(({ id }) => id).sort(), []]);
      },
    ),
    { numRuns: 15 },
  );
});

Deno.test("BlobReader fetches one small chunk of a large blob with little else", async () => {
  const shelf = await shelve(Array.from({ length: 12 }, (_, i) => randomBytes(i + 1, MIB)), 1 << 24);
  assert.equal(shelf.blobs.size, 1);
  const place = [...shelf.chunks.values()][5]!;
  assert.equal(sha256Hex(await new BlobReader(shelf, "blobs").readOne(place)), place.id);
  const bytes = shelf.fetched.reduce((sum, [, length]) => sum + length, 0);
  assert.ok(bytes < 1.3 * MIB, `${bytes} bytes`);
  assert.ok(shelf.fetched.length <= 3, `${shelf.fetched.length} requests`);
});

Deno.test("BlobReader fetches a blob of which all is wanted in one request, once it knows how well blobs compress", async () => {
  const shelf = await shelve(Array.from({ length: 24 }, (_, i) => randomBytes(i + 1, MIB)), 1 << 22);
  assert.equal(shelf.blobs.size, 8);
  const { good } = await readAll(shelf, shelf.chunks.values());
  assert.equal(good.length, 24);
  const sizes = new Set([...shelf.blobs.values()].map(({ length }) => length));
  const whole = shelf.fetched.filter(([offset, length]) => offset === 0 && sizes.has(length));
  assert.ok(whole.length >= 6, `${whole.length} of 8 blobs`);
  assert.equal(
    shelf.fetched.length - whole.length,
    3 * (8 - whole.length),
    "header, tail and frames of each other",
  );
});

Deno.test("BlobReader fetches a small blob in one request, whatever is wanted of it", async () => {
  const shelf = await shelve(Array.from({ length: 10 }, (_, i) => randomBytes(i + 1, 10_000)));
  await new BlobReader(shelf, "blobs").readOne([...shelf.chunks.values()][3]!);
  assert.equal(shelf.fetched.length, 1);
});

Deno.test("BlobReader fetches half of a blob in few requests, and hardly more than that", async () => {
  const shelf = await shelve(Array.from({ length: 48 }, (_, i) => randomBytes(i + 1, MIB)), 1 << 24);
  const half = [...Map.groupBy(shelf.chunks.values(), ({ blob }) => blob).values()].map((own) =>
    own.slice(0, own.length / 2)
  );
  const { good } = await readAll(shelf, half.flat());
  assert.equal(good.length, half.flat().length);
  assert.ok(shelf.fetched.length <= 5 * shelf.blobs.size, `${shelf.fetched.length} requests`);
  const bytes = shelf.fetched.reduce((sum, [, length]) => sum + length, 0);
  assert.ok(bytes < (half.flat().length + 3) * MIB, `${bytes} bytes`);
});

Deno.test("BlobReader fetches little more than what is wanted of chunks that do not compress and share a frame", async () => {
  const shelf = await shelve(Array.from({ length: 400 }, (_, i) => randomBytes(i + 1, 40_000)), 1 << 25);
  assert.equal(shelf.blobs.size, 1);
  const places = [...shelf.chunks.values()];
  const { good } = await readAll(shelf, [places[50]!, places[200]!, places[201]!, places[350]!]);
  assert.equal(good.length, 4);
  const bytes = shelf.fetched.reduce((sum, [, length]) => sum + length, 0);
  assert.ok(bytes < OPENING_BYTES + 9 * 65_552, `${bytes} bytes`);
});

/** A frame of raw blocks of these lengths. */
function rawBlocks(plain: Uint8Array, lengths: readonly number[]): Uint8Array {
  const frame = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, ...bytesOf(plain.length, 4)];
  let at = 0;
  for (const [i, length] of lengths.entries()) {
    const isLast = i === lengths.length - 1;
    frame.push(...bytesOf(length * 8 + Number(isLast), 3), ...plain.subarray(at, at += length));
  }
  return Uint8Array.from(frame);
}

function bytesOf(number: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (number >>> (8 * i)) & 0xff);
}

Deno.test("BlobReader reads chunks of a frame that has the length of a raw one and is cut otherwise", async () => {
  const shelf = new Shelf();
  const plain = randomBytes(1, 300_000);
  const frame = rawBlocks(plain, [100_000, 100_000, 50_000, 50_000]);
  const usual = compressFrame(plain, 1);
  assert.ok([0, 3].includes(frame.length - usual.length), "it looks like any other");
  const writer = newWriter(shelf, 1 << 22);
  const filler = randomBytes(2, 1 << 21);
  await writer.add(filler, sha256(filler));
  await writer.addFrame(frame, plain.length, sha256(plain));
  await writer.flush();
  const whole = shelf.chunks.get(sha256Hex(plain))!;
  const chunk = (from: number, length: number): Place => {
    return {
      ...whole,
      offset: whole.offset + from,
      length,
      id: sha256Hex(plain.subarray(from, from + length)),
    };
  };
  const places = [chunk(1000, 5000), chunk(90_000, 40_000), chunk(290_000, 10_000)];
  const { good, damaged } = await readAll(shelf, places);
  assert.deepEqual([good.sort(), damaged], [places.map(({ id }) => id).sort(), []]);
  const lie = { ...places[1]!, id: places[0]!.id };
  assert.deepEqual(await readAll(shelf, [lie]), { good: [], damaged: [lie.id] });
});

Deno.test("BlobReader loses the chunks that a damaged piece touches, and no others", async () => {
  const shelf = await shelve(Array.from({ length: 24 }, (_, i) => randomBytes(i + 1, MIB)), 1 << 25);
  const [[name, bytes]] = atLeast(1, [...shelf.blobs]);
  const places = [...shelf.chunks.values()];
  shelf.blobs.set(name, bytes.with(12.5 * MIB, bytes[12.5 * MIB]! ^ 1));
  const { good, damaged } = await readAll(shelf, places);
  assert.deepEqual([...good, ...damaged].sort(), places.map(({ id }) => id).sort(), "each is reported once");
  assert.ok(damaged.includes(places[12]!.id));
  assert.ok(damaged.length <= 2, `${damaged.length} chunks`);
});

Deno.test("BlobReader throws what is no damage: a store that does not answer", async () => {
  const shelf = await shelve([randomBytes(1, 100)]);
  shelf.fetch = () => Promise.reject(new UnavailableError("away"));
  await assert.rejects(readAll(shelf, shelf.chunks.values()), UnavailableError);
});

Deno.test("BlobWriter throws what the store threw, at the latest when it is flushed", async () => {
  const shelf = new Shelf();
  const writer = newWriter(shelf, 1 << 20, () => Promise.reject(new UnavailableError("away")));
  await assert.rejects(async () => {
    for (let i = 0; i < 10; i++) await writer.add(randomBytes(i, 900_000), sha256(randomBytes(i, 900_000)));
    await writer.flush();
  }, UnavailableError);
});

Deno.test("BlobWriter has no more blobs on their way than there are buffers", async () => {
  const shelf = new Shelf();
  let flying = 0;
  let most = 0;
  const writer = newWriter(shelf, 1 << 18, async (blob) => {
    most = Math.max(most, ++flying);
    await new Promise((resolve) => setTimeout(resolve, 5));
    flying--;
    return await shelf.keep(blob);
  });
  for (let i = 0; i < 12; i++) {
    await writer.addFrame(compressFrame(randomBytes(i, 1 << 17), 1), 1 << 17, sha256(Uint8Array.of(i)));
  }
  await writer.flush();
  assert.ok(shelf.blobs.size >= 6);
  assert.ok(most <= 2, `${most}`);
});

Deno.test("BlobWriter begins a new blob before offsets in it pass 4 GiB, which they have 32 bits for", async () => {
  const shelf = new Shelf();
  const writer = newWriter(shelf);
  // As data of which 1.5 GiB compress to almost nothing.
  const plain = 1.5 * 2 ** 30;
  const ids = Array.from({ length: 6 }, (_, i) => sha256(Uint8Array.of(i)));
  for (const id of ids) await writer.addFrame(compressFrame(new Uint8Array(10), 1), plain, id);
  await writer.flush();
  const ranges = new Set([...shelf.chunks.values()].map(({ blob, offset }) => `${blob} ${offset}`));
  assert.equal(ranges.size, ids.length, "no two chunks are at one place");
  for (const { offset } of shelf.chunks.values()) assert.equal(offset % plain, 0);
});

Deno.test({
  name: `age and zstd open a blob to its chunks, one after the other${whyWithoutAge}`,
  ignore: agePath === undefined,
  async fn() {
    const chunks = [randomBytes(1, 1000), randomBytes(2, 2 * MIB), new Uint8Array(70_000), randomBytes(3, 5)];
    const [[, blob]] = atLeast(1, [...(await shelve(chunks)).blobs]);
    const opened = await ageDecrypt(blob, KEYS.identity);
    assert.deepEqual(opened, await openFile(blob, opener));
    const { decompress } = await import("fzstd");
    assert.equal(
      sha256Hex(decompress(opened)),
      sha256Hex(new Uint8Array(await new Blob(chunks).arrayBuffer())),
    );
  },
});
