import type { Entry } from "../../model/entry.ts";
import type { EntrySource } from "../../read/entry_source.ts";
import { isWithin, type Path } from "../../model/path.ts";
import type { PageReader } from "../../read/page_reader.ts";
import type { SnapshotPages } from "../../read/snapshot_pages.ts";
import type { Placement } from "./open_directories.ts";
import { type Selection, selectPages } from "./selection.ts";

const PARTS_AT_ONCE = 1024;

/** What a restore of some paths takes. */
export interface Needed {
  readonly files: number;
  /** Also those above what is wanted, unless it is placed elsewhere. */
  readonly directories: number;
  readonly others: number;
  readonly bytes: number;
  /** Stored bytes of the blobs that hold the files' contents, by id. */
  readonly blobs: ReadonlyMap<string, number>;
}

/** Reads all pages that `selection` touches, and the lists of large files; writes nothing. */
export async function findNeeded(
  selection: Selection,
  { reader, entries, pages, placement }: {
    readonly reader: PageReader;
    readonly entries: EntrySource;
    readonly pages: SnapshotPages;
    readonly placement?: Placement;
  },
): Promise<Needed> {
  let [files, directories, others, bytes] = [0, 0, 0, 0];
  const blobs = new Map<string, number>();
  /** Directories on the way to where the walk is that are not wanted for themselves. */
  let ways: Path[] = [];
  for await (const page of selectPages(pages, selection)) {
    for (const entry of await reader.entries(page)) {
      const isDirectory = entry.kind === "directory";
      if (!selection.has(entry.path, isDirectory)) {
        if (isDirectory && placement === undefined && selection.isAbove(entry.path)) ways.push(entry.path);
        continue;
      }
      directories += ways.filter((way) => isWithin(entry.path, way)).length;
      ways = [];
      if (isDirectory) directories++;
      else if (entry.kind !== "file") others++;
      else {
        files++;
        bytes += entry.size ?? 0;
        const file = await contentsOf(entry, selection, entries);
        if (file !== undefined) await addBlobs(file, entries, blobs);
      }
    }
  }
  return { files, directories, others, bytes, blobs };
}

/** The file that has what is written for `entry`; `undefined` where another name of it that is wanted has. */
async function contentsOf(
  entry: Entry,
  selection: Selection,
  entries: EntrySource,
): Promise<Entry | undefined> {
  if (entry.hardlink === undefined) return entry;
  return selection.has(entry.hardlink) ? undefined : await entries.find(entry.hardlink);
}

async function addBlobs(file: Entry, entries: EntrySource, blobs: Map<string, number>): Promise<void> {
  for await (const parts of entries.parts(file, PARTS_AT_ONCE)) {
    for (const { blob, blobSize } of parts) blobs.set(blob, blobSize);
  }
}
