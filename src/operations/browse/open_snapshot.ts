import type { Entry, Place } from "../../model/entry.ts";
import type { ManifestHead } from "../../model/manifest.ts";
import { CorruptionError } from "../../base/errors.ts";
import { decodeListPage } from "../../model/page.ts";
import type { FoundLines } from "../../model/page_search.ts";
import type { PathTest } from "../../model/path_pattern.ts";
import { decodePageRefs, type PageRef } from "../../model/page_refs.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { HeaderOpener } from "../../seal/age.ts";
import { type HostTools, hostTools } from "../../read/hosts.ts";
import type { Tools } from "../../read/tools.ts";
import type { OpenedCache } from "../../read/opened_cache.ts";
import type { OpenedHost } from "../../read/opened_host.ts";
import { readRelocations, relocate, type Relocations } from "../../read/relocations.ts";
import { SnapshotPages } from "../../read/snapshot_pages.ts";
import { type SnapshotTop, topOf } from "../../read/snapshot_top.ts";
import { StoreSource } from "../../read/store_source.ts";
import { readManifest, readSnapshot } from "../../read/snapshots.ts";
import { type ChunkSource, FileContents } from "./file_contents.ts";
import type { FrameCache } from "./frame_cache.ts";
import type { PageCache } from "./page_cache.ts";
import type { PageEntries } from "./page_entries.ts";
import { PagesInLists } from "./page_list.ts";
import { SnapshotEntries } from "./snapshot_entries.ts";
import { SnapshotTree } from "./snapshot_tree.ts";

/** What is needed to look into snapshots. */
export interface Opener {
  readonly opener: HeaderOpener;
  readonly frames: FrameCache;
  readonly pages: PageCache;
  /** What the identity has opened before. */
  readonly opened?: OpenedCache;
}

/** What is needed to look into the snapshots of a store. */
export interface Browser extends Opener {
  readonly tools: Tools;
}

/** A snapshot that an identity has opened. Of its lists and pages those are read that are asked for. */
export interface BrowsedSnapshot {
  readonly manifest: ManifestHead;
  readonly snapshot: Snapshot;
  readonly top: SnapshotTop;
  readonly entries: SnapshotEntries;
  readonly chunks: ChunkSource;
  readonly pages: SnapshotPages;
  /** The pages in a list of pages. Throws `CorruptionError`, and what the store throws. */
  pagesIn(list: PageRef): Promise<readonly PageRef[]>;
  /** As {@link pagesIn} of each of some lists, or that it is lost. Throws what the store throws. */
  pagesInEach(lists: readonly PageRef[]): Promise<(readonly PageRef[] | CorruptionError)[]>;
  /** What is found in some pages, in their order, or that they are lost. Throws what the store throws. */
  search(pages: readonly PageRef[], test: PathTest): Promise<(FoundLines | CorruptionError)[]>;
  /** The entries of a page. Throws `CorruptionError`, and what the store throws. */
  page(page: PageRef): Promise<PageEntries>;
}

const decoder = new TextDecoder();

/**
 * Opens a snapshot; of its pages none is read yet. Its manifest is read unless it is `known`. Throws `NotFoundError`,
 * `UsageError` for a wrong identity, `CorruptionError`.
 */
export async function openForBrowsing(
  { opener, frames, pages, opened: cache }: Opener,
  tools: HostTools,
  id: string,
  known?: ManifestHead,
): Promise<BrowsedSnapshot> {
  const manifest = known ?? await readManifest(tools, id);
  const opened = cache?.host(tools.host);
  const made = await opening(tools, manifest, opener, opened);
  const source = new StoreSource(tools, opener);
  const relocations = await readRelocations(manifest, source);
  const { read, texts, search } = storedPages(frames, source, relocations);
  const pagesIn = (list: Place) => refsIn(list, read, opened);
  const listed = once(() => new SnapshotPages(made.snapshot, { pageRefs: pagesIn }));
  const entries = once(() => {
    const { snapshot: { pageLists, pages: tail } } = made;
    return new SnapshotEntries(new PagesInLists(pageLists, tail, pagesIn), pages, read);
  });
  return {
    manifest,
    top: made.top,
    get snapshot() {
      return made.snapshot;
    },
    get pages() {
      return listed();
    },
    get entries() {
      return entries();
    },
    pagesIn,
    pagesInEach: (lists) => refsInEach(lists, texts, opened),
    search: opened ? (some, test) => searchOnce(some, test, opened, search) : search,
    page: (page) => pages.get(page, read),
    chunks: chunksOf(frames, source, relocations, read),
  };
}

/** What `make` makes when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}

/** Reads one page, or many at once. */
function storedPages(frames: FrameCache, source: StoreSource, relocations: Relocations) {
  const placed = (pages: readonly Place[]) => pages.map((page) => relocate(page, relocations));
  return {
    read: async (page: Place) => {
      using lent = await frames.read(source, "pages", relocate(page, relocations));
      return new Uint8Array(lent.bytes);
    },
    texts: (lists: readonly Place[]) => frames.texts(source, placed(lists)),
    search: (some: readonly PageRef[], test: PathTest) => frames.search(source, placed(some), test),
  };
}

/** Reads and opens a snapshot only where that was not done before; of one that is known no more is made than what is asked for. */
async function opening(
  tools: HostTools,
  manifest: ManifestHead,
  opener: HeaderOpener,
  opened: OpenedHost | undefined,
): Promise<Pick<BrowsedSnapshot, "snapshot" | "top">> {
  const top = opened?.top(manifest);
  if (opened !== undefined && top !== undefined) {
    const snapshot = once(() => opened.snapshot(manifest)!);
    return {
      top,
      get snapshot() {
        return snapshot();
      },
    };
  }
  const snapshot = await readSnapshot(tools, manifest, opener, { known: opened?.knownRef });
  opened?.putSnapshot(snapshot);
  return { snapshot, top: topOf(snapshot) };
}

/** The pages in a list, which is read only where that was not done before. */
async function refsIn(
  list: Place,
  read: (page: Place) => Promise<Uint8Array>,
  opened: OpenedHost | undefined,
): Promise<PageRef[]> {
  const known = opened?.list(list.id);
  if (known !== undefined) return known;
  const refs = decodePageRefs(decoder.decode(await read(list)));
  opened?.putList(list.id, refs);
  return refs;
}

/** As {@link refsIn}, of many. */
async function refsInEach(
  lists: readonly Place[],
  texts: (lists: readonly Place[]) => Promise<(string | CorruptionError)[]>,
  opened: OpenedHost | undefined,
): Promise<(PageRef[] | CorruptionError)[]> {
  const known = lists.map(({ id }) => opened?.list(id));
  const read = (await texts(lists.filter((_, i) => known[i] === undefined))).values();
  return lists.map(({ id }, i) => {
    const text = known[i] ?? read.next().value!;
    if (typeof text !== "string") return text;
    try {
      const refs = decodePageRefs(text);
      opened?.putList(id, refs);
      return refs;
    } catch (error) {
      if (error instanceof CorruptionError) return error;
      throw error;
    }
  });
}

function chunksOf(
  frames: FrameCache,
  source: StoreSource,
  relocations: Relocations,
  read: (page: Place) => Promise<Uint8Array>,
): ChunkSource {
  return {
    read: (place) => frames.read(source, "blobs", relocate(place, relocations)),
    prefetch: (place) => frames.prefetch(source, "blobs", relocate(place, relocations)),
    list: async (list) => decodeListPage(decoder.decode(await read(list))),
  };
}

/** Looks for one path only in pages where that was not done before. */
async function searchOnce(
  pages: readonly PageRef[],
  test: PathTest,
  opened: OpenedHost,
  search: BrowsedSnapshot["search"],
): ReturnType<BrowsedSnapshot["search"]> {
  const { only } = test;
  if (only === undefined) return await search(pages, test);
  const known = pages.map(({ id }) => opened.found(id, only));
  const searched = await search(pages.filter((_, i) => known[i] === undefined), test);
  return pages.map(({ id }, i) => {
    const one = known[i] ?? searched.shift()!;
    if (known[i] === undefined && !(one instanceof Error)) opened.putFound(id, only, one);
    return one;
  });
}

/** Opens a snapshot of `host` as a tree. Throws as {@link openForBrowsing}. */
export async function openSnapshotTree(browser: Browser, host: string, id: string): Promise<SnapshotTree> {
  const tools = hostTools(browser.tools, host);
  const { entries, chunks, snapshot } = await openForBrowsing(browser, tools, id);
  return new SnapshotTree(entries, chunks, nanoseconds(snapshot.startedAt));
}

/** The contents of a file, also by one of its further names. Throws `CorruptionError` where they are not there. */
export async function contentsOf({ entries, chunks }: BrowsedSnapshot, entry: Entry): Promise<FileContents> {
  const first = entry.hardlink === undefined ? entry : (await entries.find(entry.hardlink))?.entry;
  return new FileContents(first ?? entry, chunks);
}

function nanoseconds(time: string): string {
  return String(BigInt(Date.parse(time)) * 1_000_000n);
}
