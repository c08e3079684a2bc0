import { isWithin, parentOf, type Path } from "../src/model/path.ts";
import type { BrowsedSnapshot } from "../src/operations/browse/open_snapshot.ts";

/** The directory that all of `paths` are in or are. */
export function commonPath([first, ...others]: readonly Path[]): Path {
  let common = first ?? "/";
  while (!others.every((path) => isWithin(path, common))) common = parentOf(common);
  return common;
}

/** The directory, or the nearest above it that this snapshot has. */
export async function nearest(browsed: BrowsedSnapshot, path: Path): Promise<Path> {
  for (let at = path; at !== "/"; at = parentOf(at)) {
    const found = await browsed.entries.find(at);
    if (found?.entry.kind === "directory") return at;
  }
  return "/";
}
