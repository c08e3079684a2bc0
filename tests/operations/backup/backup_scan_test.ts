import assert from "node:assert/strict";
import { Index } from "../../../src/index/index.ts";
import { BackupScan } from "../../../src/operations/backup/backup_scan.ts";
import { EarlierPages } from "../../../src/operations/backup/earlier_pages.ts";
import { KnownPages } from "../../../src/operations/backup/known_pages.ts";
import type { ReadQueue } from "../../../src/operations/backup/read_queue.ts";
import { S_IFLNK } from "../../../src/platform/stat.ts";
import type { ScanEvents } from "../../../src/scan/scan_events.ts";
import { StreamEntries } from "../../../src/scan/stream_entries.ts";
import { newVisited } from "../../../src/scan/walk.ts";
import type { PageStore } from "../../../src/write/page_store.ts";
import { inDirectory } from "../../scan/walked.ts";

const SECOND = Date.parse("2025-01-02T03:04:06Z");

/** Keeps nothing. */
const NO_PAGES = { unlisted: () => [], keep: () => [], flush: () => Promise.resolve() };

/** Whether a link that was changed at `changedMs` and looked at so long after that is looked at again by the next backup; pages are made still later. */
async function isLookedAtAgain(changedMs: number, lookedAfterMs: number, madeAfterMs = 0): Promise<boolean> {
  let again = false;
  await inDirectory(async (directory) => {
    using index = new Index(`${directory}/index`);
    let now = changedMs + lookedAfterMs;
    const queue = { finish: () => Promise.resolve() } as unknown as ReadQueue;
    const scan = new BackupScan(index, NO_PAGES as unknown as PageStore, queue, {} as ScanEvents, {
      snapshot: "home",
      now: () => now,
      hasAllNames: () => true,
      earlier: new EarlierPages(index.pages, "home", new KnownPages(index.pages, [])),
      streams: new StreamEntries([], 0),
    });
    const visited = newVisited();
    visited.path = visited.name = "/link";
    visited.stat.make({ mode: S_IFLNK | 0o777, uid: 0, gid: 0, timeMs: changedMs });
    scan.visit(visited);
    now += madeAfterMs;
    await scan.finish(() => Promise.resolve());
    again = scan.unsettled.includes("/link");
  });
  return again;
}

Deno.test("an entry that was changed just before the walk came by is looked at again, however late its page is made", async () => {
  assert.equal(await isLookedAtAgain(SECOND + 123, 10), true);
  assert.equal(await isLookedAtAgain(SECOND + 123, 10, 10_000), true);
  assert.equal(await isLookedAtAgain(SECOND + 123, 100), false);
});

Deno.test("where a file system keeps whole seconds, an entry is looked at again that was changed within the last two", async () => {
  assert.equal(await isLookedAtAgain(SECOND, 300), true);
  assert.equal(await isLookedAtAgain(SECOND, 1_999), true);
  assert.equal(await isLookedAtAgain(SECOND, 2_100), false);
});

Deno.test("an entry that was changed in a future, which a clock that was set back makes, is looked at again", async () => {
  assert.equal(await isLookedAtAgain(SECOND + 123, -3_600_000), true);
});
