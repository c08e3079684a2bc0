import type { Path } from "../../model/path.ts";
import { openSubdirectoryForReading, removeDirectoryIn, removeFileIn } from "../../platform/beneath.ts";
import { cString } from "../../platform/libc.ts";
import { closeFile, readNames } from "../../platform/read.ts";
import { S_IFDIR, Stat } from "../../platform/stat.ts";
import { attempt } from "./attempt.ts";
import type { Loss } from "./messages.ts";
import { OpenDirectories, type Placement } from "./open_directories.ts";

/** Deletes each of `paths` below the open directory `target`, with all that is below it; follows no link. What could not be deleted, and why. */
export function deleteAll(target: number, paths: readonly Path[], placement: Placement | undefined): Loss[] {
  const directories = new OpenDirectories(target, { makesMissing: false, placement });
  try {
    return paths.map((path) =>
      attempt(path, () => {
        const { directory, name } = directories.spot(path);
        deleteTree(directory, name);
      })
    ).filter((loss) => loss !== undefined);
  } finally {
    directories.close();
  }
}

function deleteTree(directory: number, name: string): void {
  const stat = new Stat();
  if (!stat.at(directory, cString(name))) return;
  if (stat.type !== S_IFDIR) return removeFileIn(directory, name);
  const inner = openSubdirectoryForReading(directory, name);
  try {
    for (const child of readNames(inner)) deleteTree(inner, child);
  } finally {
    closeFile(inner);
  }
  removeDirectoryIn(directory, name);
}
