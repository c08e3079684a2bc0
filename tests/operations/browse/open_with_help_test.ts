import assert from "node:assert/strict";
import { CorruptionError } from "../../../src/base/errors.ts";
import { sha256Hex } from "../../../src/base/digest.ts";
import { compressFrame } from "../../../src/blob/zstd.ts";
import { decompressSteps } from "../../../src/blob/zstd_steps.ts";
import { FrameThreads } from "../../../src/operations/browse/frame_threads.ts";
import { type FrameRequest, openFrame } from "../../../src/operations/browse/open_frame.ts";
import { OpenProgress } from "../../../src/operations/browse/open_progress.ts";
import { isWorthHelp, openWithHelp } from "../../../src/operations/browse/open_with_help.ts";
import { PayloadWriter, sealedLength, streamKey } from "../../../src/seal/payload.ts";
import { randomBytes } from "../../chunk/random.ts";

/** Where the system has no library that can, nothing is opened with help. */
const ignore = decompressSteps() === undefined;
const BEFORE = 40_000;
const FILE_KEY = new Uint8Array(16).fill(3);
const NONCE = new Uint8Array(16).fill(5);

const plain = randomBytes(1, 1_500_000);
const chunk = plain.subarray(100_000, 1_400_000);
const frame = compressFrame(plain, 3);

/** A frame that begins somewhere in its first piece, and has a chunk in its midst; what is asked for twice is sealed twice. */
function request(change: Partial<FrameRequest["chunk"]> = {}, damagedAt?: number): FrameRequest {
  const opened = new Uint8Array(BEFORE + frame.length);
  opened.set(frame, BEFORE);
  const sealed = new Uint8Array(NONCE.length + sealedLength(opened.length));
  const writer = new PayloadWriter(sealed, new Uint8Array(0), FILE_KEY, NONCE);
  writer.write(opened);
  writer.finish();
  if (damagedAt !== undefined) sealed[damagedAt]! ^= 1;
  return {
    key: streamKey(FILE_KEY, NONCE),
    first: 0,
    plainTotal: opened.length,
    skip: BEFORE,
    sealed: sealed.slice(NONCE.length),
    stored: frame.length,
    plain: plain.length,
    chunk: { offset: 100_000, length: chunk.length, id: sha256Hex(chunk), ...change },
    into: new Uint8Array(new SharedArrayBuffer(plain.length)),
  };
}

Deno.test("a thread that hashes what another one opens finds right what is right", { ignore }, async () => {
  using threads = new FrameThreads(1);
  for (let time = 0; time < 20; time++) {
    const asked = request();
    assert.equal(isWorthHelp(asked), true);
    const opened = await threads.open(asked, true);
    assert.equal(opened, asked.into);
    assert.equal(sha256Hex(new Uint8Array(opened)), sha256Hex(plain));
  }
});

Deno.test("what is wrong is the same error as without help, and the next frame is opened as ever", async () => {
  using threads = new FrameThreads(1);
  const wrong: (() => FrameRequest)[] = [
    () => request({ id: "00".repeat(32) }),
    () => request({ offset: 100_001 }),
    () => request({ length: plain.length }),
    () => request({}, 1_000_000),
    () => ({ ...request(), stored: frame.length - 1 }),
    () => ({ ...request(), skip: BEFORE + 1 }),
  ];
  for (const make of wrong) {
    let expected: Error | undefined;
    try {
      openFrame(make());
    } catch (error) {
      expected = error as Error;
    }
    assert.ok(expected instanceof CorruptionError);
    await assert.rejects(threads.open(make(), true), { name: expected.name, message: expected.message });
    assert.equal(sha256Hex(new Uint8Array(await threads.open(request(), true))), sha256Hex(plain));
  }
});

Deno.test("where no other thread answers, this one hashes", { ignore }, () => {
  const asked = request();
  assert.ok(isWorthHelp(asked));
  assert.equal(sha256Hex(new Uint8Array(openWithHelp(asked, new OpenProgress()))), sha256Hex(plain));
  const lost = request({ id: "00".repeat(32) });
  assert.ok(isWorthHelp(lost));
  assert.throws(() => openWithHelp(lost, new OpenProgress()), /has other bytes/);
});

Deno.test("help is not asked for where there is little to hash, or no memory that threads share", () => {
  assert.equal(isWorthHelp(request({ length: 100_000 })), false);
  assert.equal(isWorthHelp({ ...request(), into: undefined }), false);
});
