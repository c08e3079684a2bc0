import assert from "node:assert/strict";
import { pinsOf } from "../../release/base.ts";
import { withoutPayload } from "../../release/payload.ts";

const PAYLOAD = new TextEncoder().encode("d3n0l4nd a program and its files d3n0l4nd");

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("an ELF file with a program behind its sections becomes what it was", () => {
  const plain = Deno.readFileSync("/bin/sh");
  const appended = new Uint8Array(plain.length + PAYLOAD.length);
  appended.set(plain);
  appended.set(PAYLOAD, plain.length);
  assert.deepEqual(withoutPayload(appended), plain);
});

Deno.test("a program without a payload, and what is no program, are refused", () => {
  assert.throws(() => withoutPayload(Deno.readFileSync("/bin/sh")), /no payload/);
  assert.throws(
    () => withoutPayload(new TextEncoder().encode("#!/bin/sh\necho\n")),
    /neither an ELF nor a Mach-O/,
  );
  assert.throws(() => withoutPayload(machO({ symbols: new TextEncoder().encode("no names") })), /no payload/);
});

interface MachO {
  /** In a segment of its own. */
  readonly segment?: Uint8Array;
  /** What the file ends with: names of symbols. */
  readonly symbols: Uint8Array;
  readonly hasSignature?: boolean;
}

const HEADER_BYTES = 32;
const SEGMENT_BYTES = 72;

/** A Mach-O file with no more than a reader of payloads looks at: segments, symbols, and perhaps a signature. */
function machO({ segment, symbols, hasSignature }: MachO): Uint8Array<ArrayBuffer> {
  const start = 1024;
  const after = start + (segment?.length ?? 0);
  const commands = [
    ...segment === undefined ? [] : [segmentCommand("__SUI", 4096n, start, segment.length)],
    segmentCommand("__LINKEDIT", BigInt(4096 + (segment?.length ?? 0)), after, symbols.length),
    command(0x2, [after, 0, after, symbols.length]),
    ...hasSignature ? [command(0x1d, [after + symbols.length, 0])] : [],
  ];
  const table = joined(...commands);
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0xfeedfacf, true);
  view.setUint32(16, commands.length, true);
  view.setUint32(20, table.length, true);
  const gap = new Uint8Array(start - HEADER_BYTES - table.length);
  return joined(header, table, gap, segment ?? new Uint8Array(), symbols);
}

function command(kind: number, fields: readonly number[]): Uint8Array {
  return new Uint8Array(new Uint32Array([kind, 8 + 4 * fields.length, ...fields]).buffer);
}

function segmentCommand(name: string, address: bigint, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x19, true);
  view.setUint32(4, SEGMENT_BYTES, true);
  bytes.set(new TextEncoder().encode(name), 8);
  view.setBigUint64(24, address, true);
  view.setBigUint64(32, BigInt(length), true);
  view.setBigUint64(40, BigInt(start), true);
  view.setBigUint64(48, BigInt(length), true);
  return bytes;
}

Deno.test("a Mach-O file with the payload in a segment becomes what it was before that was added", () => {
  const symbols = new TextEncoder().encode("_main\0_exit\0");
  const plain = machO({ symbols });
  const found = withoutPayload(machO({ segment: PAYLOAD, symbols }));
  assert.deepEqual(found, plain);
});

Deno.test("a Mach-O file with the payload behind its symbols loses it, and a signature that covered it", () => {
  const names = new TextEncoder().encode("_main\0_exit\0");
  const plain = machO({ symbols: names });
  const found = withoutPayload(machO({ symbols: joined(names, PAYLOAD), hasSignature: true }));
  assert.equal(found.length, plain.length);
  const [view, wanted] = [new DataView(found.buffer), new DataView(plain.buffer)];
  for (const at of [16, 20]) assert.equal(view.getUint32(at, true), wanted.getUint32(at, true));
  assert.deepEqual(found.subarray(plain.length - names.length), names);
});

Deno.test("the pins of a package are its own lines and no other's", () => {
  const list = Deno.readTextFileSync(new URL("../../.ci/denort.txt", import.meta.url));
  const pins = pinsOf(list, "bids-validator-deno");
  assert.match(pins, /^bids-validator-deno==[\d.]+ \\\n/);
  assert.equal(pins.match(/--hash=sha256:[0-9a-f]{64}/g)?.length, 4);
  assert.doesNotMatch(pins, /^deno==/m);
});
