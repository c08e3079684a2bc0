import { readRules } from "../../model/selection.ts";
import { EnvironmentError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/digest.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath, isWithin, type Path, typedPath } from "../../model/path.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { cString } from "../../platform/libc.ts";
import { openFile, ParentDirectory } from "../../platform/no_links.ts";
import { closeFile, readAt, SystemError } from "../../platform/read.ts";
import type { Report } from "../../report/events.ts";
import { chunkOffsets } from "../../chunk/extents.ts";
import { describe, describeFile, kindOf, xattrsOf } from "../../scan/describe.ts";
import { compileExcludes } from "../../scan/exclude.ts";
import { walk } from "../../scan/walk.ts";
import { entriesWithin, orLoss } from "./entries_within.ts";
import type { BrowsedSnapshot } from "./open_snapshot.ts";
import { chunksOf, type ChunkSource } from "./file_contents.ts";

/**
 * What is on the disk where a snapshot was made, at and below `path`, in the order of entries and with the excludes of the snapshot, but
 * without contents and further names of files. What cannot be read is reported and left out.
 */
export async function* diskEntries(
  { roots, options }: Snapshot,
  path: Path,
  report: Report,
): AsyncGenerator<Entry> {
  using parent = new ParentDirectory();
  const unreadable = (at: Path, reason: string) =>
    report({ kind: "file-unreadable", path: displayPath(at), reason });
  const visits = walk(roots.map(typedPath), {
    isExcluded: compileExcludes(Array.isArray(options.exclude) ? options.exclude.map(String) : []),
    ...readRules(options),
    onUnreadable: unreadable,
    onSkipped: () => {},
  });
  for (const visited of visits) {
    const kind = kindOf(visited.stat);
    if (kind === undefined || !isWithin(visited.path, path)) continue;
    try {
      yield kind === "file"
        ? describeFile(visited.path, visited.stat, xattrsOf(visited.path, parent, () => {}))
        : describe(visited.path, kind, visited.stat, { at: visited.path, parent, onLost: () => {} });
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      unreadable(visited.path, error.message);
    }
  }
}

/** What of a snapshot can be compared with the disk: every name of a file has its contents. */
export async function* comparableEntries(
  browsed: BrowsedSnapshot,
  path: Path,
): AsyncGenerator<Entry | Error> {
  for await (const entry of entriesWithin(browsed, path)) {
    if (entry instanceof Error || entry.hardlink === undefined) yield entry;
    else {
      const first = await orLoss(browsed.entries.find(entry.hardlink));
      yield first instanceof Error ? first : { ...first?.entry ?? entry, path: entry.path };
    }
  }
}

/** Whether the file of a snapshot and that on the disk, which have the same size, have the same bytes. Throws `EnvironmentError`. */
export async function hasSameBytesOnDisk(before: Entry, after: Entry, chunks: ChunkSource): Promise<boolean> {
  if (before.mtime === after.mtime) return true;
  let fd: number;
  try {
    fd = openFile(cString(after.path));
  } catch (cause) {
    if (!(cause instanceof SystemError)) throw cause;
    throw new EnvironmentError(`Cannot read "${displayPath(after.path)}": ${cause.message}`, { cause });
  }
  try {
    const offsetOf = chunkOffsets(before.holes ?? []);
    for await (const { id, length } of chunksOf(before, chunks)) {
      const offset = offsetOf(length);
      if (offset + length > (after.size ?? 0)) return false;
      const bytes = new Uint8Array(length);
      if (readAt(fd, bytes, offset) < length || sha256Hex(bytes) !== id) return false;
    }
    return true;
  } finally {
    closeFile(fd);
  }
}
