import { NotFoundError, UsageError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import type { Manifest } from "../../model/manifest.ts";
import { type BlobKind, blobName } from "../../model/names.ts";
import { displayPath, joinPath, normalizePath, type Path, typedPath } from "../../model/path.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { HeaderOpener } from "../../seal/age.ts";
import { isReadInParts } from "../../read/blob_reader.ts";
import { openingRanges } from "../../read/opened_blob.ts";
import { EntrySource } from "../../read/entry_source.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { RestoreOptions } from "./options.ts";
import { PageReader } from "../../read/page_reader.ts";
import { readRelocations, type Relocations } from "../../read/relocations.ts";
import { SnapshotPages } from "../../read/snapshot_pages.ts";
import { readManifest, readSnapshot } from "../../read/snapshots.ts";
import { findNeeded } from "./needed.ts";
import type { Placement } from "./open_directories.ts";
import { Selection, type SelectionOptions } from "./selection.ts";
import { Thaw } from "../../read/thaw.ts";
import { StoreSource } from "../../read/store_source.ts";
import { PIECED_FROM_BYTES } from "./blob_fetches.ts";

/** Blobs that are opened ahead at most. */
const EXPECTED_BLOBS = 4;

/** A snapshot that an identity has opened, and what is wanted of it. */
export interface OpenedSnapshot {
  readonly snapshot: Snapshot;
  /** As its manifest says. */
  readonly incomplete: boolean;
  readonly pages: SnapshotPages;
  readonly source: StoreSource;
  readonly relocations: Relocations;
  readonly reader: PageReader;
  readonly entries: EntrySource;
  readonly wanted: SelectionOptions;
  readonly placement?: Placement;
  readonly selection: Selection;
}

/** Throws `NotFoundError` where the snapshot does not have one of the paths. */
export async function openSnapshot(tools: HostTools, options: RestoreOptions): Promise<OpenedSnapshot> {
  const paths = options.paths.map((path) => normalizePath(typedPath(path)));
  const wanted = { paths, include: options.include, exclude: options.exclude };
  const selection = new Selection(wanted);
  const manifest = options.manifest ?? await readManifest(tools, options.snapshotId);
  const opener = new HeaderOpener(options.identities);
  const copy = tools.own === tools.host ? tools.ownCopy?.(manifest.id)?.sealed : undefined;
  const snapshot = await readSnapshot(tools, manifest, opener, { copy });
  const source = new StoreSource(tools, opener);
  // Pages come first, so their thaw needs nothing of the snapshot; that of blobs reads pages.
  if (options.thaw !== undefined && tools.store.cold !== undefined) {
    const needed = {
      pages: () => namesOf(tools, "pages", manifest),
      blobs: async () => {
        if (paths.length === 0 && wanted.include === undefined) {
          return await namesOf(tools, "blobs", manifest);
        }
        const { blobs } = await findNeeded(selection, opened);
        return new Set([...blobs.keys()].map((id) => blobName("blobs", id)));
      },
    };
    source.thaw = new Thaw(tools, tools.store.cold, options.thaw, needed);
  }
  const relocations = await readRelocations(manifest, source);
  const reader = new PageReader(source, relocations);
  const pages = new SnapshotPages(snapshot, reader);
  const entries = new EntrySource(pages, source, relocations);
  const { incomplete } = manifest;
  const opened = { snapshot, incomplete, pages, source, relocations, reader, entries, wanted, selection };
  const named = await findPaths(entries, paths, options.snapshotId);
  if (!options.dryRun && options.overwrite === undefined) expectContents(source, named);
  if (options.as === undefined) return opened;
  return { ...opened, placement: await placementOf(entries, paths, options.as) };
}

async function namesOf(tools: HostTools, kind: BlobKind, manifest: Manifest): Promise<Set<string>> {
  const blobs = await new BlobLists(tools).all(manifest);
  return new Set(blobs.filter(([of]) => of === kind).map(([, id]) => blobName(kind, id)));
}

/** A directory goes to `as`; of a file with a slash at the end of `as` that is the directory it goes to. */
async function placementOf(entries: EntrySource, paths: readonly Path[], as: string): Promise<Placement> {
  const from = paths.length === 0 ? "/" : paths[0]!;
  if (paths.length > 1) throw new UsageError("Cannot restore as another path: --as is for one path only");
  const to = normalizePath(typedPath(as));
  const isBelow = as.endsWith("/") && from !== "/" && (await entries.find(from))?.kind !== "directory";
  return { from, to: isBelow ? joinPath(to, from.slice(from.lastIndexOf("/") + 1)) : to };
}

async function findPaths(entries: EntrySource, paths: readonly Path[], id: string): Promise<Entry[]> {
  const found: Entry[] = [];
  for (const path of paths) {
    const entry = await entries.find(path);
    if (entry !== undefined) found.push(entry);
    else if (path !== "/") {
      throw new NotFoundError(`Cannot restore "${displayPath(path)}": snapshot ${id} does not have it`);
    }
  }
  return found;
}

/** What is needed to open the blobs of files that are wanted by name is fetched while the threads make these files. */
function expectContents(source: StoreSource, named: readonly Entry[]): void {
  const blobs = Map.groupBy(named.flatMap(({ chunks }) => chunks ?? []), ({ blob }) => blob);
  for (const [blob, places] of [...blobs].slice(0, EXPECTED_BLOBS)) {
    const { blobSize } = places[0]!;
    const isInParts = isReadInParts(places);
    if (!isInParts && blobSize >= PIECED_FROM_BYTES) continue;
    const ranges = isInParts ? openingRanges(blobSize) : [[0, blobSize]] as const;
    for (const [offset, length] of ranges) source.ahead(blobName("blobs", blob), offset, length);
  }
}
