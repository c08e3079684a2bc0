import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { atLeast } from "../../src/base/at_least.ts";
import { sha256 } from "../../src/base/digest.ts";
import { padmeLength } from "../../src/blob/padding.ts";
import { BlobWriter, type SealedBlob } from "../../src/write/blob_writer.ts";
import { BufferRing } from "../../src/write/buffer_ring.ts";
import { emptyBlob } from "../../src/write/empty_blob.ts";
import { OpenedBlob } from "../../src/read/opened_blob.ts";
import { HeaderOpener } from "../../src/seal/age.ts";
import { headerLength } from "../../src/seal/header.ts";
import { plainLength } from "../../src/seal/payload.ts";
import { KEYS } from "../operations/machine.ts";

const BLOB_BYTES = 1 << 22;

/** The blobs that some chunks become, each chunk with the owner of its file. */
async function write(chunks: readonly (readonly [Uint8Array, number])[]): Promise<SealedBlob[]> {
  const blobs: SealedBlob[] = [];
  const writer = new BlobWriter({
    kind: "blobs",
    compressionLevel: 1,
    takeEmpty: (plainBytes) =>
      emptyBlob([KEYS.recipient], new BufferRing({ count: 1, sizeBytes: BLOB_BYTES }), plainBytes),
    store: (blob) => Promise.resolve(void blobs.push(blob)),
  });
  for (const [chunk, owner] of chunks) await writer.add(chunk, sha256(chunk), 0, owner);
  await writer.flush();
  return blobs;
}

function open({ buffer, size }: SealedBlob): Promise<OpenedBlob> {
  const bytes = new Uint8Array(buffer, 0, size).slice();
  return OpenedBlob.open({
    name: "blob",
    size,
    fetch: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
    openHeader: (header) => new HeaderOpener([KEYS.identity]).open(header),
  });
}

Deno.test("a small blob has a size that does not tell the lengths of its chunks", async () => {
  const sizes = new Set<number>();
  for (let length = 40_000; length < 40_400; length += 20) {
    const [blob] = atLeast(1, await write([[randomBytes(length), 0]]));
    const header = headerLength(new Uint8Array(blob.buffer, 0, blob.size))!;
    const opened = plainLength(blob.size - header - 16);
    assert.equal(padmeLength(opened), opened);
    sizes.add(blob.size);
  }
  assert.ok(sizes.size <= 2, `${sizes.size} sizes`);
});

Deno.test("chunks of several owners share a blob and no frame", async () => {
  const chunk = (text: string) => new TextEncoder().encode(text);
  const [blob] = atLeast(
    1,
    await write([[chunk("a"), 0], [chunk("b"), 0], [chunk("c"), 1000], [chunk("d"), 0]]),
  );
  const { frames } = await open(blob);
  assert.deepEqual(frames.map(({ plain }) => plain), [2, 1, 1]);
});
