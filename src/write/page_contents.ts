import type { Entry } from "../model/entry.ts";
import { PageLine } from "../model/page_line.ts";
import type { DraftPart } from "./page_draft.ts";

/** What is in a page. */
export interface PageContents extends DraftPart {
  end: number;
  entries: number;
  files: number;
  directories: number;
  bytes: number;
  /** Ids of the list pages. */
  readonly lists: Set<string>;
}

/** Counts one more entry. */
export function count(entry: Entry | PageLine, contents: PageContents): void {
  const { kind } = entry;
  contents.entries++;
  if (kind === "directory") contents.directories++;
  if (kind !== "file") return;
  contents.files++;
  contents.bytes += ownBytes(entry);
  entry.lists?.forEach(({ id }) => contents.lists.add(id));
}

/** Of a file that has contents of its own: bytes; else 0. */
function ownBytes(entry: Entry | PageLine): number {
  if (entry instanceof PageLine) return entry.ownBytes;
  return entry.hardlink === undefined ? entry.size ?? 0 : 0;
}

/** Of no entry, from number `start` on. */
export function emptyContents(start: number): PageContents {
  return { start, end: start, entries: 0, files: 0, directories: 0, bytes: 0, lists: new Set() };
}
