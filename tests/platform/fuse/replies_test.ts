import assert from "node:assert/strict";
import { toHex } from "../../../src/base/bytes.ts";
import {
  attributesReply,
  DirectoryReply,
  entryReply,
  errorReply,
  type FuseAttributes,
  headReply,
  initReply,
  offsetReply,
  openDirectoryReply,
  READ_AHEAD_BYTES,
  sizeReply,
} from "../../../src/platform/fuse/replies.ts";

const FILE: FuseAttributes = {
  id: 0x1_0000_0002,
  size: 0x1_0000_0001,
  dataBytes: 1025,
  mtime: "1700000000123456789",
  mode: 0o100640,
  links: 3,
  uid: 4_000_000_000,
  gid: 5,
};

/** Its 88 bytes in `struct fuse_attr`. */
const FILE_HEX = "0200000001000000" + "0100000001000000" + "0300000000000000" +
  "00f1536500000000".repeat(3) + "15cd5b07".repeat(3) + "a0810000" + "03000000" + "00286bee" + "05000000" +
  "00000000" + "00100000" + "00000000";

Deno.test("heads, errors and small replies have their lengths and numbers", () => {
  assert.equal(toHex(errorReply(6, 2)), "10000000" + "feffffff" + "0600000000000000");
  assert.equal(toHex(errorReply(6)), "10000000" + "00000000" + "0600000000000000");
  assert.equal(toHex(headReply(2 ** 40, 100)), "74000000" + "00000000" + "0000000000010000");
  assert.equal(toHex(sizeReply(6, 9)).slice(32), "0900000000000000");
  assert.equal(toHex(offsetReply(6, 2 ** 33 + 1)).slice(32), "0100000002000000");
  assert.equal(toHex(openDirectoryReply(6, true)).slice(32), "0000000000000000" + "0a000000" + "00000000");
});

Deno.test("attributes are where the kernel looks for them", () => {
  assert.equal(
    toHex(attributesReply(6, FILE, 60)).slice(32),
    "3c00000000000000" + "0000000000000000" + FILE_HEX,
  );
});

Deno.test("times before 1970, devices and links are as the kernel has them", () => {
  const bytes = attributesReply(6, { ...FILE, mtime: "-1500000000", device: [259, 1027] }, 1);
  const view = new DataView(bytes.buffer, 32);
  assert.equal(view.getBigInt64(32, true), -2n);
  assert.equal(view.getUint32(52, true), 500_000_000);
  assert.equal(view.getUint32(76, true), (1027 & 0xff) | (259 << 8) | ((1027 & ~0xff) << 12));
});

Deno.test("an entry has its number, its times to live and its attributes; none has the number 0", () => {
  const head = "0200000001000000" + "0000000000000000" + "3c00000000000000".repeat(2) + "0000000000000000";
  assert.equal(toHex(entryReply(6, FILE, 60)).slice(32), head + FILE_HEX);
  const none = entryReply(6, undefined, 60);
  assert.equal(new DataView(none.buffer).getBigUint64(16, true), 0n);
  assert.equal(none.length, 16 + 128);
});

Deno.test("a directory is filled as far as there is room, each entry at a multiple of 8", () => {
  const reply = new DirectoryReply(6, 96, false);
  const entry = (name: string, next: number) => ({ name, next, attributes: FILE });
  assert.equal(reply.add(entry("a", 1), 1), true);
  assert.equal(reply.add(entry("12345678", 2), 1), true);
  assert.equal(reply.add(entry("123456789", 3), 1), false);
  assert.equal(
    toHex(reply.bytes).slice(32),
    "0200000001000000" + "0100000000000000" + "01000000" + "08000000" + "6100000000000000" +
      "0200000001000000" + "0200000000000000" + "08000000" + "08000000" + "3132333435363738",
  );
  const plus = new DirectoryReply(6, 4096, true);
  plus.add(entry("a", 1), 60);
  assert.equal(plus.bytes.length, 16 + 128 + 32);
});

Deno.test("the first reply asks for no more than the kernel can, and lets it read ahead", () => {
  const view = new DataView(initReply(6, { maxReadahead: 131072, flags: 1 << 13 }).buffer, 16);
  assert.deepEqual([view.getUint32(0, true), view.getUint32(4, true)], [7, 31]);
  assert.equal(view.getUint32(8, true), READ_AHEAD_BYTES);
  assert.equal(view.getUint32(12, true), 1 << 13);
});
