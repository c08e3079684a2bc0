import assert from "node:assert/strict";
import fc from "fast-check";
import { concatBytes } from "../../src/base/bytes.ts";
import { CorruptionError } from "../../src/base/errors.ts";
import {
  decodeSeekTable,
  encodeSeekTable,
  FOOTER_BYTES,
  FRAME_PLAIN_MAX,
  frameOf,
  FRAMES_MAX,
  type FrameSize,
  seekTableBytes,
  seekTableLength,
} from "../../src/blob/seek_table.ts";

const u32 = fc.nat({ max: 2 ** 32 - 1 });
const plain = fc.nat({ max: FRAME_PLAIN_MAX });
const frames = fc.array(fc.record({ stored: u32, plain }, { noNullPrototype: true }), { maxLength: 20 });

function sizesOf(decoded: readonly FrameSize[]): FrameSize[] {
  return decoded.map(({ stored, plain }) => ({ stored, plain }));
}

Deno.test("decodeSeekTable() is the inverse of encodeSeekTable(), whatever comes before the table", () => {
  fc.assert(fc.property(frames, fc.uint8Array(), (frames, before) => {
    const table = encodeSeekTable(frames);
    assert.equal(table.length, seekTableBytes(frames.length));
    const tail = concatBytes([before, table]);
    assert.deepEqual(sizesOf(decodeSeekTable(tail)), frames);
    assert.equal(seekTableLength(tail.subarray(-FOOTER_BYTES)), table.length);
  }));
});

Deno.test("decodeSeekTable() says where each frame begins, beyond 4 GiB too", () => {
  const frame = { stored: 2 ** 32 - 1, plain: FRAME_PLAIN_MAX };
  const decoded = decodeSeekTable(encodeSeekTable(Array(66).fill(frame)));
  assert.deepEqual(decoded.slice(0, 3).map((frame) => frame.storedOffset), [0, 2 ** 32 - 1, 2 ** 33 - 2]);
  assert.deepEqual(decoded.slice(63).map((frame) => frame.plainOffset), [63, 64, 65].map((n) => n * 2 ** 26));
});

Deno.test("a table with a frame, or with more frames, than any writer makes is refused", () => {
  assert.throws(
    () => decodeSeekTable(encodeSeekTable([{ stored: 1, plain: FRAME_PLAIN_MAX + 1 }])),
    CorruptionError,
  );
  const table = encodeSeekTable(Array(FRAMES_MAX + 1).fill({ stored: 1, plain: 1 }));
  assert.throws(() => seekTableLength(table), CorruptionError);
});

Deno.test("encodeSeekTable() writes the zstd seekable format, byte for byte", () => {
  assert.deepEqual(
    encodeSeekTable([{ stored: 0x01020304, plain: 0x05060708 }, { stored: 1, plain: 2 }]),
    // deno-fmt-ignore
    Uint8Array.of(
      0x5e, 0x2a, 0x4d, 0x18, 25, 0, 0, 0, // skippable frame of 25 bytes
      4, 3, 2, 1, 8, 7, 6, 5, 1, 0, 0, 0, 2, 0, 0, 0, // stored and plain size of each frame
      2, 0, 0, 0, 0, 0xb1, 0xea, 0x92, 0x8f, // two frames, no checksums, magic
    ),
  );
});

const table = encodeSeekTable([{ stored: 10, plain: 100 }, { stored: 20, plain: 200 }]);
const changed = (at: number, value: number) => table.with(at < 0 ? table.length + at : at, value);

const DAMAGED: [what: string, tail: Uint8Array][] = [
  ["nothing", new Uint8Array(0)],
  ["a footer that is cut off", table.subarray(-FOOTER_BYTES + 1)],
  ["zeros", new Uint8Array(100)],
  ["another magic at the end", changed(-1, 0)],
  ["another magic at the front", changed(0, 0)],
  ["another length of the skippable frame", changed(4, 24)],
  ["a frame more than there is", changed(-9, 3)],
  ["a frame less than there is", changed(-9, 1)],
  ["very many frames", changed(-6, 0xff)],
  ["a table without its front", table.subarray(1)],
  ["a byte after the table", concatBytes([table, Uint8Array.of(0)])],
];

for (const [what, tail] of DAMAGED) {
  Deno.test(`decodeSeekTable() refuses ${what}`, () => {
    assert.throws(() => decodeSeekTable(tail), CorruptionError);
  });
}

const three = decodeSeekTable(encodeSeekTable([
  { stored: 10, plain: 100 },
  { stored: 10, plain: 1 },
  { stored: 10, plain: 50 },
]));

const PLACES: [offset: number, length: number, frame: number][] = [
  [0, 1, 0],
  [0, 100, 0],
  [99, 1, 0],
  [100, 1, 1],
  [101, 1, 2],
  [101, 50, 2],
  [150, 1, 2],
];

for (const [offset, length, frame] of PLACES) {
  Deno.test(`frameOf() finds ${length} bytes at ${offset} in frame ${frame}`, () => {
    assert.equal(frameOf(three, offset, length), three[frame]);
  });
}

for (const [offset, length] of [[0, 101], [99, 2], [100, 2], [101, 51], [151, 1], [1000, 1]] as const) {
  Deno.test(`frameOf() finds no frame that holds ${length} bytes at ${offset}`, () => {
    assert.throws(() => frameOf(three, offset, length), CorruptionError);
  });
}

Deno.test("frameOf() finds nothing where there are no frames", () => {
  assert.throws(() => frameOf([], 0, 1), CorruptionError);
});

Deno.test("frameOf() finds what a search from the front finds", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 });
  fc.assert(fc.property(lengths, fc.nat({ max: 300 }), (lengths, offset) => {
    const frames = decodeSeekTable(encodeSeekTable(lengths.map((plain) => ({ stored: 1, plain }))));
    const found = frames.find((frame) => offset < frame.plainOffset + frame.plain);
    if (found === undefined) assert.throws(() => frameOf(frames, offset, 1), CorruptionError);
    else assert.equal(frameOf(frames, offset, 1), found);
  }));
});
