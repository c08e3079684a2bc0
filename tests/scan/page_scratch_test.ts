import assert from "node:assert/strict";
import { endsPage, FNV_START, hashPath, PAGE_ENTRIES_MAX } from "../../src/model/page_cut.ts";
import { Stat, STAT_BYTES } from "../../src/platform/stat.ts";
import { PageScratch } from "../../src/scan/page_scratch.ts";
import { readStamps, stampOf } from "../../src/scan/page_stamps.ts";
import { copyStamp, STAMP_BYTES } from "../../src/scan/stamp.ts";
import type { Visited } from "../../src/scan/visited.ts";

// Fields of the kernel's `struct statx`: where they begin, and their length.
const FIELDS: Record<string, [at: number, length: number]> = {
  "link count": [16, 4],
  owner: [20, 4],
  group: [24, 4],
  mode: [28, 2],
  inode: [32, 8],
  size: [40, 8],
  "allocated blocks": [48, 8],
  "access time": [64, 12],
  "birth time": [80, 12],
  ctime: [96, 12],
  mtime: [112, 12],
  "file system": [136, 8],
};
const STAMPED = ["inode", "size", "ctime", "mtime"];

function visited(path: string, change: Partial<Visited> & { readonly byte?: number } = {}): Visited {
  const stat = new Stat().load(Uint8Array.from({ length: STAT_BYTES }, (_, i) => i));
  const { byte, ...rest } = change;
  if (byte !== undefined) stat.bytes[byte]! ^= 0x80;
  return { path, name: path.slice(path.lastIndexOf("/") + 1), parentLength: 1, hash: 1, stat, ...rest };
}

function stampsOf(...entries: Visited[]): Uint8Array {
  const scratch = new PageScratch();
  for (const entry of entries) scratch.add(entry);
  return scratch.stamps().slice();
}

const before = stampsOf(visited("/a"), visited("/b"));

for (const [field, [start, length]] of Object.entries(FIELDS)) {
  const isStamped = STAMPED.includes(field);
  Deno.test(`stamps ${isStamped ? "change with every byte of" : "do not change with"} the ${field}`, () => {
    for (let byte = start; byte < start + length; byte++) {
      const after = stampsOf(visited("/a"), visited("/b", { byte }));
      if (isStamped) assert.notDeepEqual(after, before, `byte ${byte}`);
      else assert.deepEqual(after, before, `byte ${byte}`);
    }
  });
}

const CHANGES: [what: string, entries: Visited[]][] = [
  ["another name", [visited("/a"), visited("/c")]],
  ["another parent", [visited("/a"), visited("/b", { parentLength: 2 })]],
  ["a parent's length that differs in its high byte", [visited("/a"), visited("/b", { parentLength: 257 })]],
  ["another order", [visited("/b"), visited("/a")]],
  ["an entry more", [visited("/a"), visited("/b"), visited("/c")]],
  ["an entry less", [visited("/a")]],
  ["bytes that move from one name to the next", [visited("/ab"), visited("/")]],
];

for (const [what, entries] of CHANGES) {
  Deno.test(`stamps change with ${what}`, () => assert.notDeepEqual(stampsOf(...entries), before));
}

Deno.test("readStamps() gives path, name and stamp of each entry, whatever their lengths", () => {
  const scratch = new PageScratch();
  const added = ["/a/whole/path".repeat(30), "x", "y".repeat(255), "\xff\x01"].map((name, i) => {
    const path = i === 0 ? name : `/dir/${name}`;
    return visited(path, { name, parentLength: i === 0 ? 0 : 4, byte: 32 + i });
  });
  added.splice(1, 0, visited("/dir", { name: "/dir", parentLength: 0, byte: 36 }));
  for (const entry of added) scratch.add(entry);
  const read = readStamps(scratch.stamps(), added[0]!.path);
  assert.deepEqual(
    read.map(({ path, name, parentLength }) => ({ path, name, parentLength })),
    added.map(({ path, name, parentLength }) => ({ path, name, parentLength })),
  );
  read.map(stampOf).forEach((stamp, i) => {
    assert.deepEqual(stamp, scratch.stamp(i));
    const copied = new Uint8Array(STAMP_BYTES);
    copyStamp(scratch.loadStat(i, new Stat()).bytes, copied, 0);
    assert.deepEqual(stamp, copied);
    const at = scratch.stampOffset(i);
    assert.deepEqual(scratch.stamps().subarray(at, at + STAMP_BYTES), stamp);
  });
});

Deno.test("PageScratch has the stamp of every entry, however long the names of a page are together", () => {
  const scratch = new PageScratch();
  const name = "n".repeat(255);
  for (let i = 0; i < PAGE_ENTRIES_MAX; i++) scratch.add(visited(`/d/${name}`, { name, byte: 32 + i % 8 }));
  const stamps = readStamps(scratch.stamps(), `/d/${name}`).map(stampOf);
  for (let i = 0; i < PAGE_ENTRIES_MAX; i++) assert.deepEqual(stamps[i], stamps[i % 8], `entry ${i}`);
  assert.notDeepEqual(stamps[0], stamps[1]);
});

Deno.test("PageScratch ends a page where the hash says so, and after the most entries", () => {
  const scratch = new PageScratch();
  for (let i = 0; i < 3000; i++) {
    const path = `/srv/file-${i}`;
    const hash = hashPath(FNV_START, path);
    assert.equal(scratch.add(visited(path, { hash })), endsPage(hash), path);
  }
  scratch.clear();
  const hash = hashPath(FNV_START, "/srv/file-0");
  for (let i = 1; i <= PAGE_ENTRIES_MAX; i++) {
    assert.equal(scratch.add(visited(`/srv/${i}`, { hash })), i === PAGE_ENTRIES_MAX);
  }
});

Deno.test("PageScratch begins again after clear()", () => {
  const scratch = new PageScratch();
  for (let i = 0; i < 500; i++) scratch.add(visited(`/${"long-name".repeat(25)}${i}`));
  scratch.clear();
  scratch.add(visited("/a"));
  scratch.add(visited("/b"));
  assert.deepEqual(scratch.paths, ["/a", "/b"]);
  assert.deepEqual(scratch.stamps(), before);
});
