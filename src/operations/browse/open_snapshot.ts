import type { Place } from "../../model/entry.ts";
import { decodeListPage } from "../../model/page.ts";
import type { HeaderOpener } from "../../seal/age.ts";
import { hostTools } from "../hosts.ts";
import type { Tools } from "../options.ts";
import { PageReader } from "../page_reader.ts";
import { readRelocations, relocate } from "../relocations.ts";
import { StoreSource } from "../restore/writers.ts";
import { SnapshotPages } from "../snapshot_pages.ts";
import { readManifest, readSnapshot } from "../snapshots.ts";
import type { ChunkSource } from "./file_contents.ts";
import type { FrameCache } from "./frame_cache.ts";
import type { PageCache } from "./page_cache.ts";
import { PagesInMemory } from "./page_list.ts";
import { SnapshotEntries } from "./snapshot_entries.ts";
import { SnapshotTree } from "./snapshot_tree.ts";

/** What is needed to look into snapshots. */
export interface Browser {
  readonly tools: Tools;
  readonly opener: HeaderOpener;
  readonly frames: FrameCache;
  readonly pages: PageCache;
}

const decoder = new TextDecoder();

/** Opens a snapshot of `host`; of its pages none is read yet. Throws `NotFoundError`, `UsageError` for a wrong identity, `CorruptionError`. */
export async function openSnapshotTree(browser: Browser, host: string, id: string): Promise<SnapshotTree> {
  const { opener, frames, pages } = browser;
  const tools = hostTools(browser.tools, host);
  const manifest = await readManifest(tools, id);
  const snapshot = await readSnapshot(tools, manifest, opener);
  const source = new StoreSource(tools, opener);
  const relocations = await readRelocations(manifest, source);
  const readPage = (page: Place) => frames.read(source, "pages", relocate(page, relocations));
  const chunks: ChunkSource = {
    read: (place) => frames.read(source, "blobs", relocate(place, relocations)),
    prefetch: (place) => frames.prefetch(source, "blobs", relocate(place, relocations)),
    list: async (list) => decodeListPage(decoder.decode(await readPage(list))),
  };
  const refs = await new SnapshotPages(snapshot, new PageReader(source, relocations)).all(
    undefined,
    (_, error) =>
      tools.report({ kind: "warning", text: `Snapshot ${id} is shown in part: ${error.message}` }),
  );
  const entries = new SnapshotEntries(new PagesInMemory(refs), pages, readPage);
  return new SnapshotTree(entries, chunks, nanoseconds(snapshot.startedAt));
}

function nanoseconds(time: string): string {
  return String(BigInt(Date.parse(time)) * 1_000_000n);
}
