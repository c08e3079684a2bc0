import type { Entry } from "../../model/entry.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { pageRefs } from "../page_refs.ts";
import type { EntrySource } from "../entry_source.ts";
import type { PageReader } from "../page_reader.ts";
import { type Selection, selectPages } from "./selection.ts";

const PARTS_AT_ONCE = 1024;

/** What a restore of some paths takes. */
export interface Needed {
  readonly files: number;
  readonly directories: number;
  readonly others: number;
  readonly bytes: number;
  /** Ids of the blobs that hold the files' contents. */
  readonly blobs: ReadonlySet<string>;
}

/** Reads all pages that `selection` touches, and the lists of large files; writes nothing. */
export async function findNeeded(
  snapshot: Snapshot,
  selection: Selection,
  { reader, entries }: { readonly reader: PageReader; readonly entries: EntrySource },
): Promise<Needed> {
  let [files, directories, others, bytes] = [0, 0, 0, 0];
  const blobs = new Set<string>();
  const addContents = async (file: Entry) => {
    for await (const parts of entries.parts(file, PARTS_AT_ONCE)) {
      for (const { blob } of parts) blobs.add(blob);
    }
  };
  for await (const page of selectPages(pageRefs(snapshot), selection)) {
    for (const entry of await reader.entries(page)) {
      if (!selection.has(entry.path, entry.kind === "directory")) continue;
      if (entry.kind === "directory") directories++;
      else if (entry.kind !== "file") others++;
      else {
        files++;
        bytes += entry.size ?? 0;
        if (entry.hardlink === undefined) await addContents(entry);
        else if (!selection.has(entry.hardlink)) {
          const first = await entries.find(entry.hardlink);
          if (first !== undefined) await addContents(first);
        }
      }
    }
  }
  return { files, directories, others, bytes, blobs };
}
