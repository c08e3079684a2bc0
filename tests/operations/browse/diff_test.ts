import assert from "node:assert/strict";
import fc from "fast-check";
import { sha256Hex } from "../../../src/base/digest.ts";
import { CorruptionError } from "../../../src/base/errors.ts";
import type { Entry } from "../../../src/model/entry.ts";
import { entryOf as entryIn } from "../../../src/model/entry_change.ts";
import { encodePage } from "../../../src/model/page.ts";
import type { PageRef } from "../../../src/model/page_refs.ts";
import { diffSnapshots } from "../../../src/operations/browse/diff.ts";
import type { BrowsedSnapshot } from "../../../src/operations/browse/open_snapshot.ts";
import { PageEntries } from "../../../src/operations/browse/page_entries.ts";
import { topOf } from "../../../src/read/snapshot_top.ts";

const PATHS = Array.from({ length: 9 }, (_, i) => `/d/${i}`);
const ID = sha256Hex(new Uint8Array(0));

function entryOf(path: string, version: number): Entry {
  const chunk = { blob: ID, blobSize: 9, offset: version, length: 1, id: idOf(new Uint8Array([version])) };
  return { path, kind: "file", mode: 0o644, uid: 0, gid: 0, mtime: `${version}`, size: 1, chunks: [chunk] };
}

function idOf(bytes: Uint8Array): string {
  return sha256Hex(bytes);
}

/** A snapshot in memory that has of some paths a version each, in pages of `length` entries; `lost` is the number of a page. */
function snapshotOf(tree: ReadonlyMap<string, number>, length: number, lost?: number): BrowsedSnapshot {
  const entries = [...tree].map(([path, version]) => entryOf(path, version));
  const texts = new Map<string, Uint8Array>();
  const pages: PageRef[] = [];
  for (let at = 0; at < entries.length; at += length) {
    const some = entries.slice(at, at + length);
    const text = new TextEncoder().encode(encodePage(some));
    const id = idOf(text);
    if (pages.length !== lost) texts.set(id, text);
    pages.push({
      firstPath: some[0]!.path,
      blob: ID,
      blobSize: 9,
      offset: 0,
      length: text.length,
      id,
      entries: some.length,
    });
  }
  return {
    snapshot: { pageLists: [], pages },
    top: topOf({ pageLists: [], pages }),
    page: ({ id }: PageRef) => {
      const text = texts.get(id);
      return text === undefined
        ? Promise.reject(new CorruptionError("lost"))
        : Promise.resolve(new PageEntries(text));
    },
  } as unknown as BrowsedSnapshot;
}

const trees = fc.array(fc.nat(3), { minLength: PATHS.length, maxLength: PATHS.length }).map((versions) =>
  new Map(PATHS.flatMap((path, i) => versions[i] === 0 ? [] : [[path, versions[i]!] as const]))
);
const lengths = fc.integer({ min: 1, max: 5 });

Deno.test("diffSnapshots() tells of every path that is not the same in both, wherever their pages end", async () => {
  await fc.assert(fc.asyncProperty(trees, trees, lengths, lengths, async (old, now, one, other) => {
    const changes = await Array.fromAsync(diffSnapshots(snapshotOf(old, one), snapshotOf(now, other), "/"));
    const found = changes.map((change) => {
      assert.ok(!(change instanceof Error));
      return `${change.kind} ${entryIn(change).path}`;
    });
    const expected = PATHS.flatMap((path) => {
      if (old.get(path) === now.get(path)) return [];
      return [`${!old.has(path) ? "added" : now.has(path) ? "changed" : "gone"} ${path}`];
    });
    assert.deepEqual(found, expected);
  }));
});

Deno.test("diffSnapshots() says that a page is lost, and what it can of the other one", async () => {
  const old = new Map(PATHS.map((path) => [path, 1]));
  const now = new Map([...old]).set("/d/1", 2).set("/d/7", 2);
  for (const lost of [0, 1]) {
    const changes = await Array.fromAsync(diffSnapshots(snapshotOf(old, 5, lost), snapshotOf(now, 5), "/"));
    assert.equal(changes.filter((change) => change instanceof Error).length, 1);
    const paths = changes.flatMap((change) => change instanceof Error ? [] : [entryIn(change).path]);
    assert.ok(paths.includes(lost === 0 ? "/d/7" : "/d/1"), paths.join());
  }
});
