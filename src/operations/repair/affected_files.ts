import { decompressFrame } from "../../blob/zstd.ts";
import type { Index } from "../../index/index.ts";
import { decodePage } from "../../model/page.ts";
import { displayPath } from "../../model/path.ts";
import type { Entry } from "../../model/entry.ts";
import { AT_FDCWD, cString } from "../../platform/libc.ts";
import { Stat } from "../../platform/stat.ts";

/** A file of the last backup that has data in a lost blob. */
export interface AffectedFile {
  readonly path: string;
  /** `same` by its size and time, so that it is stored again; what has changed may hold some of the chunks. */
  readonly state: "same" | "changed" | "gone";
}

const decoder = new TextDecoder();

/** Files of the last backups that have data in the lost blobs with these numbers. */
export function affectedFiles(index: Index, lost: ReadonlySet<number>): AffectedFile[] {
  const ids = new Set([...index.blobs.describe(lost)].map(({ id }) => id));
  const files = new Map<string, AffectedFile>();
  const stat = new Stat();
  for (const { frame, length } of index.pages.needing(lost)) {
    for (const entry of decodePage(decoder.decode(decompressFrame(frame, length)))) {
      if (!isAffected(entry, ids, lost, index)) continue;
      const path = displayPath(entry.path);
      files.set(path, { path, state: stateOf(entry, stat) });
    }
  }
  return [...files.values()];
}

function isAffected(
  { chunks = [], lists = [] }: Entry,
  ids: ReadonlySet<string>,
  numbers: ReadonlySet<number>,
  index: Index,
): boolean {
  return chunks.some(({ blob }) => ids.has(blob)) ||
    lists.some((list) =>
      ids.has(list.blob) || index.listBlobs(list.id).some((number) => numbers.has(number))
    );
}

function stateOf({ path, size, mtime }: Entry, stat: Stat): AffectedFile["state"] {
  if (!stat.at(AT_FDCWD, cString(path))) return "gone";
  return stat.size === size && stat.mtime === mtime ? "same" : "changed";
}
