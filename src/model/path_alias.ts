import { isWithin, type Path } from "./path.ts";

/** A directory or file that is backed up under another path: a snapshot of a file system, as what it is a snapshot of. */
export interface PathAlias {
  /** Where it is. */
  readonly real: Path;
  /** Where a backup has it. */
  readonly stored: Path;
}

/** Where that is which a backup has at `path`. Aliases are not within each other. */
export function realPath(aliases: readonly PathAlias[], path: Path): Path {
  for (const { real, stored } of aliases) {
    if (!isWithin(path, stored)) continue;
    const below = path.slice(stored.length);
    return real === "/" ? below || "/" : real + below;
  }
  return path;
}
