import assert from "node:assert/strict";
import fc from "fast-check";
import type { Entry } from "../../src/model/entry.ts";
import { faultOf } from "../../src/model/entry_fault.ts";

const chunk = (length: number) => ({
  blob: "ab".repeat(32),
  blobSize: 1000,
  offset: 0,
  length,
  id: "cd".repeat(32),
});
const FILE: Entry = {
  path: "/f",
  kind: "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: "1",
  size: 10,
  chunks: [chunk(4), chunk(6)],
};

const FAULTS: [what: string, change: object, said: RegExp | undefined][] = [
  ["a file", {}, undefined],
  ["an empty file", { size: 0, chunks: [] }, undefined],
  ["an empty file without a list", { size: 0, chunks: undefined }, undefined],
  ["a file with a hole", { size: 30, holes: [[10, 20]] }, undefined],
  ["another name of a file", { hardlink: "/a", chunks: undefined }, undefined],
  ["a file with several names", { links: 2 }, undefined],
  ["a file without a name", { links: 0 }, /0 names/],
  ["names that are no number", { links: "2" }, /"2" names/],
  ["a time before 1970", { mtime: "-5" }, undefined],
  ["the last time of 64 bits of seconds", { mtime: `${2n ** 63n * 10n ** 9n - 1n}` }, undefined],
  ["the first time of 64 bits of seconds", { mtime: `-${2n ** 63n * 10n ** 9n}` }, undefined],
  ["a time of more bits", { mtime: `${2n ** 63n * 10n ** 9n}` }, /time/],
  ["a time of very many digits", { mtime: "1".repeat(100_000) }, /time/],
  ["the largest owner", { uid: 2 ** 32 - 1 }, undefined],
  ["an unknown kind", { kind: "portal" }, /kind "portal"/],
  ["a mode beyond 07777", { mode: 0o10000 }, /mode/],
  ["no mode", { mode: undefined }, /mode/],
  ["an owner beyond 32 bits", { gid: 2 ** 32 }, /owner/],
  ["a time that is no number", { mtime: "now" }, /time/],
  ["a size that its chunks do not have", { size: 11 }, /size is 11.*10 bytes/],
  ["a negative size", { size: -1 }, /size/],
  ["contents that are missing", { chunks: undefined }, /neither chunks nor lists/],
  ["holes that overlap", { size: 30, holes: [[10, 15], [20, 10]] }, /holes/],
  ["a hole beyond its end", { size: 30, holes: [[20, 20]] }, /holes/],
  ["a chunk with a negative length", { chunks: [chunk(-4), chunk(14)] }, /chunks are malformed/],
  ["a link to nothing", { kind: "symlink" }, /link to nothing/],
  ["a link", { kind: "symlink", target: "x" }, undefined],
  ["a device without number", { kind: "char_device" }, /device number/],
  ["a device", { kind: "block_device", device: [7, 300] }, undefined],
];

for (const [what, change, said] of FAULTS) {
  Deno.test(`${what} is ${said === undefined ? "right" : "found out"}`, () => {
    const fault = faultOf({ ...FILE, ...change });
    if (said === undefined) assert.equal(fault, undefined);
    else assert.match(fault ?? "", said);
  });
}

Deno.test("any values of members give a fault or none, and no error", () => {
  const values = fc.record({
    kind: fc.constantFrom("file", "symlink", "char_device"),
    size: fc.anything(),
    mode: fc.anything(),
  });
  fc.assert(fc.property(values, (change) => {
    const fault = faultOf({ ...FILE, ...change } as Entry);
    assert.ok(fault === undefined || typeof fault === "string");
  }));
});
