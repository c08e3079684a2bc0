import assert from "node:assert/strict";
import fc from "fast-check";
import { parentOf, type Path, sortKey } from "../../src/model/path.ts";
import { Stat, STAT_BYTES } from "../../src/platform/stat.ts";
import { joinStamps, readStamps, type StampedEntry, stampOf } from "../../src/scan/page_stamps.ts";
import {
  copyStamp,
  distrustStamp,
  inodeOf,
  isInode,
  isStamp,
  STAMP_BYTES,
  stampSize,
  wasStamp,
} from "../../src/scan/stamp.ts";
import { filePath } from "../model/arbitraries.ts";

const byKey = (a: Path, b: Path) => (sortKey(a) < sortKey(b) ? -1 : 1);

/** With all directories above, as a walk has them. */
function withParents(paths: readonly Path[]): Path[] {
  const all = new Set<Path>();
  for (let path of paths) {
    for (; path !== "/"; path = parentOf(path)) all.add(path);
  }
  return [...all].sort(byKey);
}

function entryOf(path: Path, i: number): StampedEntry {
  const parent = parentOf(path);
  const parentLength = parent === "/" ? 0 : parent.length;
  const stamps = new Uint8Array(STAMP_BYTES).fill(i % 256);
  return { path, parentLength, name: path.slice(path.lastIndexOf("/") + 1), stamps, stampAt: 0 };
}

/** As {@link entryOf} makes it. */
function withOwnStamp(entry: StampedEntry): StampedEntry {
  return { ...entry, stamps: stampOf(entry), stampAt: 0 };
}

Deno.test("readStamps() reads what joinStamps() made, whatever entries are left out, also directories of others", () =>
  fc.assert(
    fc.property(
      fc.array(filePath, { minLength: 1, maxLength: 10 }),
      fc.array(fc.boolean(), { minLength: 60 }),
      (paths, kept) => {
        const entries = withParents(paths).map(entryOf).filter((_, i) => kept[i % kept.length]);
        if (entries.length === 0) return;
        const read = readStamps(joinStamps(entries), entries[0]!.path);
        assert.deepEqual(read.map(withOwnStamp), entries);
      },
    ),
  ));

const stat = new Stat().load(Uint8Array.from({ length: STAT_BYTES }, (_, i) => i)).bytes;
const stampFrom = (bytes: Uint8Array) => {
  const stamp = new Uint8Array(STAMP_BYTES);
  copyStamp(bytes, stamp, 0);
  return stamp;
};

Deno.test("a stamp that is distrusted is no entry's any more, but still tells whose it was", () => {
  const stamp = stampFrom(stat);
  assert.deepEqual([isStamp(stat, stamp), wasStamp(stat, stamp), isInode(stat, stamp)], [true, true, true]);
  for (let times = 0; times < 2; times++) {
    distrustStamp(stamp);
    assert.deepEqual([isStamp(stat, stamp), wasStamp(stat, stamp), isInode(stat, stamp)], [
      false,
      true,
      true,
    ]);
  }
  assert.equal(inodeOf(stamp), inodeOf(stampFrom(stat)));
});

Deno.test("isStamp() and stampSize() look at one of several stamps", () => {
  const stat = new Uint8Array(STAT_BYTES).fill(7);
  new DataView(stat.buffer).setBigUint64(40, 0x1f_ffff_ffff_fffen, true);
  const stamps = new Uint8Array(3 * STAMP_BYTES);
  copyStamp(stat, stamps, STAMP_BYTES);
  assert.deepEqual([0, 1, 2].map((i) => isStamp(stat, stamps, i * STAMP_BYTES)), [false, true, false]);
  assert.deepEqual([0, 1, 2].map((i) => stampSize(stamps, i * STAMP_BYTES)), [0, 2 ** 53 - 2, 0]);
});

Deno.test("wasStamp() sees every byte but the mark, isInode() those of the inode", () => {
  for (let byte = 0; byte < STAMP_BYTES; byte++) {
    const stamp = stampFrom(stat);
    stamp[byte]! ^= 1;
    assert.deepEqual([isStamp(stat, stamp), wasStamp(stat, stamp)], [false, false], `byte ${byte}`);
    assert.equal(isInode(stat, stamp), byte >= 8, `byte ${byte}`);
  }
});
