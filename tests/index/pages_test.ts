import assert from "node:assert/strict";
import fc from "fast-check";
import { type FinishedBackup } from "../../src/index/known_page.ts";
import { packNumbers, unpackNumbers } from "../../src/index/page_row.ts";
import { type PageIndex } from "../../src/index/pages.ts";
import { sortKey } from "../../src/model/path.ts";
import { filePath } from "../model/arbitraries.ts";
import { idOf, pageOf, withIndex } from "./opened.ts";

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function framesOf(pages: PageIndex, snapshot: string, first: string, last: string): string[] {
  return pages.overlapping(snapshot, first, last).map((number) => textOf(pages.contents(number).frame));
}

Deno.test("add() keeps a page, and unchanged() gives its summary back", () =>
  withIndex(({ pages }) => {
    const page = pageOf("/caf\xe9", "/caf\xe9/z");
    const { number } = pages.add("home", page);
    const { lastPath: _last, links: _links, stamps, frame, ...summary } = page;
    assert.deepEqual(pages.unchanged("home", "/caf\xe9", stamps), { number, ...summary });
    assert.deepEqual(new Uint8Array(pages.frame(number)), frame);
  }));

Deno.test("unchanged() finds a page by snapshot, first path and all of its stamps only", () =>
  withIndex(({ pages }) => {
    const { stamps } = pageOf("/a", "/b");
    pages.add("home", pageOf("/a", "/b"));
    assert.equal(pages.unchanged("other", "/a", stamps), undefined);
    assert.equal(pages.unchanged("home", "/a/", stamps), undefined);
    assert.equal(pages.unchanged("home", "/a", stamps.with(0, 1)), undefined);
    assert.equal(pages.unchanged("home", "/a", stamps.subarray(1)), undefined);
    assert.equal(pages.unchanged("home", "/a", new Uint8Array(0)), undefined);
  }));

Deno.test("add() of a page with the same text and other stamps leaves the page of the last backup what it was", () =>
  withIndex(({ pages }) => {
    const first = pages.add("home", pageOf("/a", "/b"));
    const touched = { stamps: Uint8Array.of(1, 2, 3) };
    const second = pages.add("home", pageOf("/a", "/b", touched));
    assert.equal(pages.unchanged("home", "/a", touched.stamps)!.number, second.number);
    assert.equal(pages.unchanged("home", "/a", pageOf("/a", "/b").stamps)!.number, first.number);
    assert.deepEqual(new Uint8Array(pages.stamps(second.number)), touched.stamps);
  }));

Deno.test("add() keeps pages of the last backup and of this one side by side", () =>
  withIndex(({ pages }) => {
    const old = pages.add("home", pageOf("/a", "/b"));
    const fresh = pages.add("home", pageOf("/a", "/c", { id: idOf(2), stamps: Uint8Array.of(9) }));
    assert.notEqual(fresh.number, old.number);
    assert.equal(pages.unchanged("home", "/a", Uint8Array.of(9))!.id, idOf(2));
    assert.equal(pages.unchanged("home", "/a", pageOf("/a", "/b").stamps)!.id, idOf(0x11));
  }));

/** Pages of one backup, side by side. */
const PAGES: [first: string, last: string][] = [["/", "/a/b"], ["/a/c", "/a/m"], ["/a/n", "/a/z"], [
  "/a-b",
  "/z",
]];

const RANGES: [first: string, last: string, found: number[]][] = [
  ["/", "/", [0]],
  ["/a", "/a", [0]],
  ["/a/b", "/a/b", [0]],
  ["/a/b", "/a/c", [0, 1]],
  ["/a/c", "/a/c", [1]],
  ["/a/d", "/a/o", [1, 2]],
  ["/a/m/sub", "/a/m/sub", []],
  ["/a/m/sub", "/a/n", [2]],
  ["/", "/zz", [0, 1, 2, 3]],
  ["/a-c", "/x", [3]],
  ["/zz", "/zzz", []],
];

for (const [first, last, found] of RANGES) {
  Deno.test(`overlapping() finds pages [${found}] between ${first} and ${last}`, () =>
    withIndex(({ pages }) => {
      for (const [first, last] of PAGES) pages.add("home", pageOf(first, last));
      pages.add("other", pageOf("/", "/zzz"));
      const frames = framesOf(pages, "home", first, last);
      assert.deepEqual(frames, found.map((i) => `frame of ${PAGES[i]![0]}`));
    }));
}

Deno.test("overlapping() finds every page that has one of the paths, for pages of any paths", () => {
  const byKey = (a: string, b: string) => (sortKey(a) < sortKey(b) ? -1 : 1);
  const paths = fc.uniqueArray(filePath, { minLength: 4, maxLength: 12 }).map((paths) => paths.sort(byKey));
  return withIndex(({ pages }) => {
    let run = 0;
    fc.assert(
      fc.property(paths, fc.nat(), fc.nat(), (paths, from, count) => {
        const name = `run ${run++}`;
        for (let i = 0; i + 1 < paths.length; i += 2) pages.add(name, pageOf(paths[i]!, paths[i + 1]!));
        const first = from % paths.length;
        const last = first + count % (paths.length - first);
        const found = framesOf(pages, name, paths[first]!, paths[last]!);
        for (let i = first; i <= last; i++) {
          const owner = paths[i - i % 2];
          const isPaired = i - i % 2 + 1 < paths.length;
          if (isPaired) assert.ok(found.includes(`frame of ${owner}`), `${owner} is missing`);
        }
      }),
      { numRuns: 50 },
    );
  });
});

Deno.test("overlapping() finds pages of a run that ended early beside those of the last backup", () =>
  withIndex(({ pages }) => {
    pages.add("home", pageOf("/a", "/m"));
    pages.add("home", pageOf("/n", "/z"));
    pages.add("home", pageOf("/a", "/z", { id: idOf(3), frame: new TextEncoder().encode("new") }));
    const frames = framesOf(pages, "home", "/o", "/p");
    assert.ok(frames.includes("frame of /n"));
    const start = framesOf(pages, "home", "/a", "/b");
    assert.deepEqual(start, ["frame of /a", "new"]);
  }));

/** The backup of pages with these numbers. */
const backupOf = (pages: readonly number[]): FinishedBackup => ({
  selection: "{}",
  pages,
  unsettled: [],
  leftOut: [],
});

Deno.test("last() gives back what finish() was given, pages in their order", () =>
  withIndex(({ pages }) => {
    const [one, two] = [pageOf("/a", "/b", { links: [3n, 2n ** 64n - 1n] }), pageOf("/c\xe9", "/d")];
    const numbers = [pages.add("home", two), pages.add("home", one)].map(({ number }) => number).reverse();
    const about = { selection: '{"roots":[]}', unsettled: ["/a", "/b/\xe9\n"], leftOut: ["/c"] };
    pages.finish("home", "id", { ...about, pages: numbers });
    const last = pages.last("home")!;
    assert.deepEqual({ ...last, pages: last.pages.map(({ number }) => number) }, {
      ...about,
      id: "id",
      pages: numbers,
    });
    assert.deepEqual(last.pages.map(({ firstKey, lastKey, links }) => [firstKey, lastKey, links]), [
      ["\0a", "\0b", [3n, 2n ** 64n - 1n]],
      ["\0c\xe9", "\0d", []],
    ]);
    assert.equal(pages.last("other"), undefined);
  }));

Deno.test("last() knows no backup of which a page is gone, and not the pages of a run that ended early", () =>
  withIndex(({ pages }) => {
    const kept = pages.add("home", pageOf("/a", "/b"));
    pages.finish("home", "id", backupOf([kept.number]));
    pages.add("home", pageOf("/a", "/b", { id: idOf(2) }));
    assert.deepEqual(pages.last("home")!.pages.map(({ id }) => id), [kept.id]);
    pages.forgetBlobs(new Set(kept.blobs));
    assert.equal(pages.last("home"), undefined);
  }));

Deno.test("last() takes no page of a run that ended early for one that is gone", () =>
  withIndex(({ pages }) => {
    const kept = pages.add("home", pageOf("/a", "/b"));
    const other = pages.add("other", pageOf("/c", "/d"));
    const gone = pages.add("home", pageOf("/c", "/d", { id: idOf(2), blobs: [77] }));
    pages.finish("home", "id", backupOf([kept.number, gone.number]));
    pages.finish("other", "id", backupOf([other.number]));
    pages.forgetBlobs(new Set([77]));
    for (let i = 0; i < 3; i++) pages.add("home", pageOf("/a", "/b", { id: idOf(3 + i) }));
    assert.equal(pages.last("home"), undefined);
    assert.equal(pages.last("other")!.pages.length, 1);
  }));

Deno.test("finish() drops other pages of that snapshot, and none of others", () =>
  withIndex(({ pages }) => {
    const numbers = ["/a", "/b", "/c"].map((first) => pages.add("home", pageOf(first, first)).number);
    pages.add("other", pageOf("/a", "/a"));
    pages.finish("home", "id", backupOf([numbers[1]!, 12345]));
    const has = (name: string, first: string) =>
      pages.unchanged(name, first, pageOf(first, first).stamps) !== undefined;
    assert.deepEqual(["/a", "/b", "/c"].map((first) => has("home", first)), [false, true, false]);
    assert.ok(has("other", "/a"));
    pages.finish("home", "id", backupOf([]));
    assert.ok(!has("home", "/b") && has("other", "/a"));
  }));

Deno.test("forgetBlobs() drops the pages of all snapshots that need one of the blobs", () =>
  withIndex(({ pages }) => {
    pages.add("home", pageOf("/a", "/a", { blobs: [1, 2] }));
    pages.add("home", pageOf("/b", "/b", { blobs: [3] }));
    pages.add("other", pageOf("/a", "/a", { blobs: [70_000] }));
    pages.add("other", pageOf("/b", "/b", { blobs: [] }));
    pages.forgetBlobs(new Set([2, 70_000]));
    const left = (name: string) => framesOf(pages, name, "/", "/z");
    assert.deepEqual([left("home"), left("other")], [["frame of /b"], ["frame of /b"]]);
  }));

Deno.test("unpackNumbers() is the inverse of packNumbers(), also of bytes within a larger buffer", () => {
  fc.assert(fc.property(fc.array(fc.nat({ max: 2 ** 32 - 1 })), (numbers) => {
    const packed = packNumbers(numbers);
    assert.deepEqual(unpackNumbers(packed), numbers);
    const larger = new Uint8Array(packed.length + 3);
    larger.set(packed, 3);
    assert.deepEqual(unpackNumbers(larger.subarray(3)), numbers);
  }));
});

Deno.test("forget() drops the last backup of a snapshot with all its pages, and none of others", () =>
  withIndex(({ pages }) => {
    for (const name of ["home", "other"]) {
      pages.finish(name, "id", backupOf([pages.add(name, pageOf("/a", "/b")).number]));
    }
    pages.forget("home");
    assert.equal(pages.last("home"), undefined);
    assert.deepEqual([pages.names(), pages.last("other")!.pages.length], [["other"], 1]);
  }));
