import { directoriesAbove, type Path } from "../../model/path.ts";
import { SystemError } from "../../platform/read.ts";
import { OpenDirectories } from "./open_directories.ts";

/** Those of the directories above `paths` that are in the target, an open directory, before anything is restored there. */
export function waysThere(target: number, paths: readonly Path[]): Path[] {
  const directories = new OpenDirectories(target, { makesMissing: false });
  try {
    return [...new Set(["/", ...paths.flatMap(directoriesAbove)])].filter((path) =>
      isThere(directories, path)
    );
  } finally {
    directories.close();
  }
}

function isThere(directories: OpenDirectories, path: Path): boolean {
  try {
    return directories.isTarget(path) || directories.has(path);
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}
