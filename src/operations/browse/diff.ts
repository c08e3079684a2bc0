import type { Entry } from "../../model/entry.ts";
import { aspectsOf, type Change, hasSameContents, isEcho } from "../../model/entry_change.ts";
import type { Report } from "../../report/events.ts";
import { isWithin, type Path, sortKey } from "../../model/path.ts";
import { comparableEntries, diskEntries, hasSameBytesOnDisk } from "./disk_entries.ts";
import { entriesIn, orLoss } from "./entries_within.ts";
import { differingEntries } from "./differing_entries.ts";
import { differingPages } from "./differing_pages.ts";
import { chunksOf } from "./file_contents.ts";
import type { BrowsedSnapshot } from "./open_snapshot.ts";
import type { PageEntries } from "./page_entries.ts";

/** Whether two files, of which the entries alone do not say it, have the same contents. */
export type CompareContents = (before: Entry, after: Entry) => Promise<boolean>;

/**
 * What is different at and below `path` in `after`, in the order of entries. Reads what the snapshot has recorded of that, else no page that
 * both have. Of what is lost, and may hide changes, there is the error.
 */
export async function* diffSnapshots(
  before: BrowsedSnapshot,
  after: BrowsedSnapshot,
  path: Path,
): AsyncGenerator<Change | Error> {
  const sameContents: CompareContents = async (old, now) =>
    await digestOf(before, old) === await digestOf(after, now) && String(old.holes) === String(now.holes);
  const within = async function* (entries: AsyncIterable<Entry | Error> | Iterable<Entry | Error>) {
    for await (const entry of entries) if (entry instanceof Error || isWithin(entry.path, path)) yield entry;
  };
  const recorded = await recordedChanges(before, after);
  if (recorded !== undefined) {
    yield* diffEntries(within(entriesIn(recorded.before)), within(entriesIn(recorded.after)), sameContents);
    return;
  }
  const pages = await differingPages(before, after, path);
  yield* pages.lost;
  const [old, now] = [{ browsed: before, pages: pages.before }, { browsed: after, pages: pages.after }];
  yield* diffEntries(within(differingEntries(old, now)), within(differingEntries(now, old)), sameContents);
}

/** What is recorded in `after` of what it changed in `before`; `undefined` where that is not so, or it is lost: pages tell the same. */
async function recordedChanges(
  before: BrowsedSnapshot,
  after: BrowsedSnapshot,
): Promise<{ readonly before: PageEntries; readonly after: PageEntries } | undefined> {
  const { changes } = after.snapshot;
  const isSince = changes?.since === before.snapshot.id && before.snapshot.host === after.snapshot.host;
  if (changes === undefined || !isSince) return undefined;
  const [old, now] = await Promise.all(
    [changes.before, changes.after].map((page) => orLoss(after.page(page))),
  );
  return old instanceof Error || now instanceof Error ? undefined : { before: old!, after: now! };
}

/** What is different on the disk, at and below `path`; yields and throws as {@link diffSnapshots}. */
export function diffWithDisk(
  before: BrowsedSnapshot,
  path: Path,
  report: Report,
): AsyncGenerator<Change | Error> {
  return diffEntries(
    comparableEntries(before, path),
    diskEntries(before.snapshot, path, report),
    (old, now) => hasSameBytesOnDisk(old, now, before.chunks),
  );
}

/** Merges two runs of entries, each in order. */
export async function* diffEntries(
  before: AsyncIterator<Entry | Error>,
  after: AsyncIterator<Entry | Error>,
  sameContents: CompareContents,
): AsyncGenerator<Change | Error> {
  let [old, now] = [await before.next(), await after.next()];
  while (!old.done || !now.done) {
    if (!old.done && old.value instanceof Error) {
      yield old.value;
      old = await before.next();
      continue;
    }
    if (!now.done && now.value instanceof Error) {
      yield now.value;
      now = await after.next();
      continue;
    }
    const [one, other] = [old.value as Entry | undefined, now.value as Entry | undefined];
    const order = orderOf(one, other);
    const change = order < 0
      ? { kind: "gone", before: one! } as const
      : order > 0
      ? { kind: "added", after: other! } as const
      : await changeOf(one!, other!, sameContents);
    if (change !== undefined && !isEcho(change)) yield change;
    if (order <= 0) old = await before.next();
    if (order >= 0) now = await after.next();
  }
}

function orderOf(one: Entry | undefined, other: Entry | undefined): number {
  if (one === undefined) return 1;
  if (other === undefined) return -1;
  const [a, b] = [sortKey(one.path), sortKey(other.path)];
  return a < b ? -1 : a > b ? 1 : 0;
}

async function changeOf(
  before: Entry,
  after: Entry,
  sameContents: CompareContents,
): Promise<Change | undefined> {
  const what = aspectsOf(before, after);
  if (before.kind === "file" && after.kind === "file") {
    const isSame = hasSameContents(before, after) ?? await sameContents(before, after);
    if (!isSame) what.unshift("contents");
  }
  return what.length === 0 ? undefined : { kind: "changed", before, after, what };
}

/** What is in a file, by the ids of its chunks, also of one that has its contents by another name. */
async function digestOf(browsed: BrowsedSnapshot, entry: Entry): Promise<string> {
  const first = entry.hardlink === undefined ? entry : (await browsed.entries.find(entry.hardlink))?.entry;
  const ids: string[] = [];
  for await (const { id } of chunksOf(first ?? entry, browsed.chunks)) ids.push(id);
  return ids.join();
}
