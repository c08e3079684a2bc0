import assert from "node:assert/strict";
import { fromHex } from "../../../src/base/bytes.ts";
import { decodeRequest } from "../../../src/platform/fuse/requests.ts";

/** As Linux 6.18 sent them; ids of the process are zeroed. */
function request(opcode: number, node: number, body: string): Uint8Array {
  const bytes = new Uint8Array(40 + body.length / 2);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint32(4, opcode, true);
  view.setBigUint64(8, 0x1_0000_0006n, true);
  view.setBigUint64(16, BigInt(node), true);
  bytes.set(fromHex(body), 40);
  return bytes;
}

const UNIQUE = 0x1_0000_0006;
const U64_ZERO = "0000000000000000";

const REQUESTS: [opcode: number, body: string, decoded: object][] = [
  [26, "07000000" + "2c000000" + "00000200" + "fbffff73", {
    op: "init",
    minor: 44,
    maxReadahead: 131072,
    flags: 0x73fffffb,
  }],
  [1, "68656c6c6f00", { op: "lookup", name: "hello" }],
  [1, "e9ff206e00", { op: "lookup", name: "\xe9\xff n" }],
  [3, U64_ZERO + U64_ZERO, { op: "getattr" }],
  [5, "", { op: "readlink" }],
  [15, U64_ZERO + "0000001001000000" + "00000200" + "00000000" + U64_ZERO + U64_ZERO, {
    op: "read",
    offset: 0x1_1000_0000,
    size: 131072,
  }],
  [28, U64_ZERO + "0500000000000000" + "00100000" + "00000000" + U64_ZERO, {
    op: "readdir",
    offset: 5,
    size: 4096,
  }],
  [44, U64_ZERO + "0000000020000000" + "00100000" + "00000000" + U64_ZERO, {
    op: "readdirplus",
    offset: 0x20_0000_0000,
    size: 4096,
  }],
  [22, "00010000" + "00000000" + "757365722e6100", { op: "getxattr", size: 256, name: "user.a" }],
  [23, "0000000000000000", { op: "listxattr", size: 0 }],
  [46, U64_ZERO + "0010000000000000" + "04000000" + "00000000", { op: "lseek", offset: 4096, whence: 4 }],
  [36, "0800000000000000", { op: "interrupt", interrupted: 8 }],
  [17, "", { op: "statfs" }],
  [27, U64_ZERO, { op: "opendir" }],
  [29, U64_ZERO + U64_ZERO + U64_ZERO, { op: "releasedir" }],
  [38, "", { op: "destroy" }],
  [2, "0100000000000000", { op: "forget" }],
  [42, U64_ZERO, { op: "forget" }],
  [14, U64_ZERO, { op: "other", opcode: 14 }],
  [16, U64_ZERO, { op: "other", opcode: 16 }],
];

for (const [opcode, body, decoded] of REQUESTS) {
  Deno.test(`request ${opcode} is decoded`, () => {
    assert.deepEqual(decodeRequest(request(opcode, 9, body)), { unique: UNIQUE, node: 9, ...decoded });
  });
}

Deno.test("a request that is cut short is refused", () => {
  assert.throws(() => decodeRequest(new Uint8Array(20)), RangeError);
  assert.throws(() => decodeRequest(request(15, 9, U64_ZERO + U64_ZERO)), RangeError);
  assert.throws(() => decodeRequest(request(1, 9, "68656c6c6f")), RangeError, "a name without an end");
});
