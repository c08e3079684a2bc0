import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { concatBytes } from "../../src/base/bytes.ts";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { paddingFor, paddingFrame } from "../../src/blob/padding.ts";
import {
  decodeSeekTable,
  encodeSeekTable,
  type Frame,
  FRAME_PLAIN_MAX,
  frameOf,
  type FrameSize,
  seekTableBytes,
} from "../../src/blob/seek_table.ts";
import { compressFrame, decompressAll, decompressFrame } from "../../src/blob/zstd.ts";
import type { Place } from "../../src/model/entry.ts";
import { BlobReader } from "../../src/read/blob_reader.ts";
import { FrameCache } from "../../src/operations/browse/frame_cache.ts";
import { openingHere } from "../../src/operations/browse/open_frame.ts";
import { HeaderOpener } from "../../src/seal/age.ts";
import { openFile, sealFile } from "../../src/seal/file.ts";
import { generateKeyPair, readIdentities } from "../../src/seal/keys.ts";
import { mutateBytes, mutateText, type Mutation, mutations } from "./mutations.ts";
import { outcomeOf, type Target, target } from "./target.ts";

const { identity, recipient } = await generateKeyPair({ postQuantum: false });
const opener = new HeaderOpener([identity]);

const frameSize = fc.record({
  stored: fc.oneof(fc.nat({ max: 1000 }), fc.nat({ max: 2 ** 32 - 1 })),
  plain: fc.oneof(fc.nat({ max: 1000 }), fc.nat({ max: FRAME_PLAIN_MAX })),
});

const seekTable = target(
  "seek table",
  fc.tuple(fc.array(frameSize, { maxLength: 6 }), mutations(), fc.nat(), fc.nat()),
  async ([frames, changes, offset, length]) => {
    const bytes = mutateBytes(concatBytes([new Uint8Array(3), encodeSeekTable(frames)]), changes);
    const found = await outcomeOf([CorruptionError], () => decodeSeekTable(bytes));
    if (found === undefined) return;
    const again = encodeSeekTable(found);
    assert.deepEqual(again, bytes.subarray(bytes.length - seekTableBytes(found.length)));
    await outcomeOf([CorruptionError], () => checkFrame(frameOf(found, offset, length), offset, length));
  },
  1_000,
);

function checkFrame({ plainOffset, plain }: Frame, offset: number, length: number): void {
  assert.ok(plainOffset <= offset && offset + length <= plainOffset + plain);
}

const padding = target("padding", fc.nat({ max: 1 << 23 }), (length) => {
  const bytes = paddingFor(length);
  if (bytes === 0) return;
  assert.equal(
    decompressAll(concatBytes([compressFrame(new Uint8Array(9), 3), paddingFrame(bytes)]), 99).length,
    9,
  );
}, 100);

const frame = target(
  "zstd frame",
  fc.tuple(fc.uint8Array({ maxLength: 2_000 }), mutations(), fc.nat({ max: 3_000 })),
  async ([plain, changes, length]) => {
    const bytes = mutateBytes(compressFrame(plain, 3), changes);
    for (const wanted of [length, plain.length]) {
      const found = await outcomeOf([CorruptionError], () => decompressFrame(bytes, wanted));
      if (found !== undefined) assert.equal(found.length, wanted);
    }
    const all = await outcomeOf([CorruptionError], () => decompressAll(bytes, 4_000));
    assert.ok((all?.length ?? 0) <= 4_000);
  },
);

const age = target(
  "age file",
  fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0, 65_536, 65_530), mutations()),
  async ([start, more, changes]) => {
    const plain = concatBytes([start, new Uint8Array(more)]);
    const sealed = mutateBytes(await sealFile(plain, [recipient]), changes);
    const opened = await outcomeOf([CorruptionError, UsageError], () => openFile(sealed, opener));
    if (opened !== undefined) assert.deepEqual(opened, plain);
  },
  60,
);

const identityFile = target(
  "identity file",
  mutations().map((changes) => mutateText(`# created\n# public key: ${recipient}\n${identity}\n`, changes)),
  async (text) => {
    for (const one of await outcomeOf([UsageError], () => readIdentities(text, "a file")) ?? []) {
      new HeaderOpener([one]);
    }
  },
);

/** A blob as it is made of chunks, and what is wrong with it: before it is sealed, and after. */
interface MadeBlob {
  readonly chunks: readonly Uint8Array[];
  readonly frames: readonly FrameSize[];
  readonly inner: readonly Mutation[];
  readonly outer: readonly Mutation[];
}

const madeBlob: fc.Arbitrary<MadeBlob> = fc.record({
  chunks: fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 4 }),
  frames: fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, fc.array(frameSize, { maxLength: 5 })),
  inner: mutations(3),
  outer: fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, mutations(3)),
});

async function stored({ chunks, frames, inner, outer }: MadeBlob): Promise<Uint8Array> {
  const compressed = chunks.map((chunk) => compressFrame(chunk, 3));
  const sizes = compressed.map(({ length }, i) => ({ stored: length, plain: chunks[i]!.length }));
  const table = encodeSeekTable(frames.length > 0 ? frames : sizes);
  const length = concatBytes(compressed).length + table.length;
  const pad = paddingFor(length);
  const plain = concatBytes([...compressed, ...pad > 0 ? [paddingFrame(pad)] : [], table]);
  return mutateBytes(await sealFile(mutateBytes(plain, inner), [recipient]), outer);
}

/** Both readers of blobs give the chunk, or say that it is damaged. */
const blob = target("blob", madeBlob, async (made) => {
  const bytes = await stored(made);
  const source = {
    // deno-lint-ignore require-await
    fetch: async (_: string, offset: number, length: number) => {
      assert.ok(
        offset >= 0 && length >= 0 && offset + length <= bytes.length,
        `${length} bytes from ${offset} on`,
      );
      return bytes.slice(offset, offset + length);
    },
    openHeader: (header: Uint8Array) => opener.open(header),
  };
  const frames = new FrameCache(openingHere, 1 << 20);
  const reader = new BlobReader(source, "blobs");
  for (const [chunk, place] of placesOf(made, bytes.length)) {
    const read = async () => {
      using lent = await frames.read(source, "blobs", place);
      return lent.bytes.slice();
    };
    for (
      const found of [
        await outcomeOf(READ_ERRORS, read),
        await outcomeOf(READ_ERRORS, () => reader.readOne(place)),
      ]
    ) {
      if (found !== undefined) assert.deepEqual(new Uint8Array(found), chunk);
    }
  }
}, 60);

const READ_ERRORS = [CorruptionError, UsageError];

function placesOf({ chunks }: MadeBlob, blobSize: number): (readonly [Uint8Array, Place])[] {
  let offset = 0;
  return chunks.map((chunk) => {
    const id = createHash("sha256").update(chunk).digest("hex");
    const place = { blob: "ab".repeat(32), blobSize, offset, length: chunk.length, id };
    offset += chunk.length;
    return [chunk, place];
  });
}

export const BLOB_TARGETS: readonly Target[] = [seekTable, padding, frame, age, identityFile, blob];
