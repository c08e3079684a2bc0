import assert from "node:assert/strict";
import fc from "fast-check";
import { decompress as secondDecoder } from "fzstd";
import { concatBytes } from "../../src/base/bytes.ts";
import { CorruptionError } from "../../src/base/errors.ts";
import { encodeSeekTable } from "../../src/blob/seek_table.ts";
import { loadSystemZstd } from "../../src/platform/linux/libzstd.ts";
import { compressFrame, decompressAll, decompressFrame } from "../../src/blob/zstd.ts";
import { randomBytes } from "../chunk/random.ts";

const text = new TextEncoder().encode("a page of a backup, ".repeat(3000));
const SAMPLES: [what: string, plain: Uint8Array][] = [
  ["nothing", new Uint8Array(0)],
  ["one byte", Uint8Array.of(7)],
  ["text", text],
  ["random bytes", randomBytes(1, 100_000)],
  ["zeros", new Uint8Array(1 << 20)],
  ["a block and a byte", randomBytes(2, (128 << 10) + 1)],
];

for (const [what, plain] of SAMPLES) {
  Deno.test(`decompressFrame() gives back ${what} at every level`, () => {
    for (const level of [1, 3, 9, 19]) {
      assert.deepEqual(new Uint8Array(decompressFrame(compressFrame(plain, level), plain.length)), plain);
    }
  });

  Deno.test(`a second decoder, fzstd, reads a frame of ${what}`, () => {
    assert.deepEqual(secondDecoder(compressFrame(plain, 3)), plain);
  });

  if (plain.length > 0) {
    Deno.test(`decompressFrame() refuses a frame of ${what} that has another length`, () => {
      const frame = compressFrame(plain, 3);
      for (const length of [0, 1, plain.length - 1, plain.length + 1].filter((n) => n !== plain.length)) {
        assert.throws(() => decompressFrame(frame, length), CorruptionError, `${length}`);
      }
    });
  }
}

Deno.test("compressFrame() states the plain size in the frame, so that a reader can allocate it", () => {
  // RFC 8878, 3.1.1.1: the top two bits of the descriptor, or the single segment bit, say so.
  for (const [, plain] of SAMPLES) assert.notEqual(compressFrame(plain, 3)[4]! & 0b1110_0000, 0);
});

Deno.test("decompressFrame() refuses a frame that is cut short anywhere", () => {
  const plain = text.subarray(0, 700);
  const frame = compressFrame(plain, 3);
  for (let length = 0; length < frame.length; length++) {
    assert.throws(
      () => decompressFrame(frame.subarray(0, length), plain.length),
      CorruptionError,
      `${length}`,
    );
  }
});

Deno.test("decompressFrame() refuses random bytes and other formats", () => {
  const gzip = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
  assert.throws(() => decompressFrame(gzip, 10), CorruptionError);
  fc.assert(fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
    assert.throws(() => decompressFrame(bytes, bytes.length), CorruptionError);
  }));
});

Deno.test("decompressFrame() does not unpack more than it should expect", () => {
  const bomb = compressFrame(new Uint8Array(64 << 20), 3);
  assert.throws(() => decompressFrame(bomb, 1000), CorruptionError);
  assert.throws(() => decompressAll(bomb, 1 << 20), CorruptionError);
});

Deno.test("decompressAll() opens a frame without knowing its size, up to a limit", () => {
  const frame = compressFrame(text, 3);
  assert.deepEqual(new Uint8Array(decompressAll(frame, text.length)), text);
  assert.throws(() => decompressAll(frame, text.length - 1), CorruptionError);
  assert.throws(() => decompressAll(randomBytes(1, 100), 1 << 20), CorruptionError);
});

/** An opened blob, and the bytes in it. */
function openedBlob() {
  const parts = SAMPLES.map(([, plain]) => plain).filter((plain) => plain.length > 0);
  const frames = parts.map((plain) => compressFrame(plain, 3));
  const sizes = frames.map((frame, i) => ({ stored: frame.length, plain: parts[i]!.length }));
  return { blob: concatBytes([...frames, encodeSeekTable(sizes)]), plain: concatBytes(parts) };
}

Deno.test("fzstd reads frames with a seek table after them", () => {
  const { blob, plain } = openedBlob();
  assert.deepEqual(secondDecoder(blob), plain);
});

const system = loadSystemZstd();

for (const [what, plain] of SAMPLES) {
  Deno.test({
    name: `the system's library gives what the runtime gives for ${what}, and nothing for what is not whole`,
    ignore: system === undefined,
    fn() {
      const frame = compressFrame(plain, 3);
      assert.equal(system!.plainLength(frame), plain.length);
      if (plain.length === 0) return;
      assert.deepEqual(system!.decompress(frame, plain.length), plain);
      assert.equal(system!.decompress(frame, plain.length - 1), undefined);
      assert.equal(system!.decompress(frame, plain.length + 1), undefined);
      assert.equal(system!.decompress(frame.subarray(0, -1), plain.length), undefined);
      assert.equal(system!.plainLength(frame.subarray(1)), undefined);
    },
  });
}

const hasZstd = await zstd(["--version"]).then(({ success }) => success, () => false);

Deno.test({
  name: "the zstd program reads frames with a seek table after them" +
    (hasZstd ? "" : " (skipped: there is no zstd program)"),
  ignore: !hasZstd,
  async fn() {
    const { blob, plain } = openedBlob();
    const { success, stdout } = await zstd(["-d", "-q", "-c"], blob);
    assert.ok(success);
    assert.deepEqual(stdout, plain);
  },
});

async function zstd(args: string[], input = new Uint8Array(0)): Promise<Deno.CommandOutput> {
  const process = new Deno.Command("zstd", { args, stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const output = process.output();
  const writer = process.stdin.getWriter();
  await writer.write(input).catch(() => {});
  await writer.close().catch(() => {});
  return await output;
}
