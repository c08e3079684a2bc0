import type { Path } from "../../model/path.ts";
import { openSubdirectoryForReading, removeDirectoryIn, removeFileIn } from "../../platform/beneath.ts";
import { DirectoryCursor } from "../../platform/directory_cursor.ts";
import { cString } from "../../platform/libc.ts";
import { S_IFDIR, Stat } from "../../platform/stat.ts";
import { attempt } from "./attempt.ts";
import type { Loss } from "./messages.ts";
import { OpenDirectories, type Placement } from "./open_directories.ts";

/** Deletes each of `paths` below the open directory `target`, with all that is below it; follows no link. What could not be deleted, and why. */
export function deleteAll(target: number, paths: readonly Path[], placement: Placement | undefined): Loss[] {
  const directories = new OpenDirectories(target, { makesMissing: false, placement });
  try {
    return paths.map((path) =>
      attempt({ path }, () => {
        const { directory, name } = directories.spot(path);
        deleteTree(directory, name);
      })
    ).filter((loss) => loss !== undefined);
  } finally {
    directories.close();
  }
}

function deleteTree(directory: number, name: string): void {
  const type = typeOf(directory, name);
  if (type === undefined) return;
  if (type !== S_IFDIR) return removeFileIn(directory, name);
  {
    using cursor = new DirectoryCursor(openSubdirectoryForReading(directory, name));
    empty(cursor);
  }
  removeDirectoryIn(directory, name);
}

/** Deletes all that is below the directory at which `cursor` is. */
function empty(cursor: DirectoryCursor): void {
  /** What is left at each level; the last name of a level above is the directory that is being emptied. */
  const left = [cursor.names()];
  for (;;) {
    const name = left.at(-1)!.at(-1);
    if (name === undefined) {
      left.pop();
      if (left.length === 0) return;
      cursor.up();
      removeDirectoryIn(cursor.fd, left.at(-1)!.pop()!);
      continue;
    }
    const type = typeOf(cursor.fd, name);
    if (type === S_IFDIR) {
      cursor.down(name);
      left.push(cursor.names());
    } else {
      if (type !== undefined) removeFileIn(cursor.fd, name);
      left.at(-1)!.pop();
    }
  }
}

/** `undefined` where there is nothing of this name. */
function typeOf(directory: number, name: string): number | undefined {
  const stat = new Stat();
  return stat.at(directory, cString(name)) ? stat.type : undefined;
}
