/** An index that turned out to be damaged is kept here. */
export const asidePath = (indexPath: string): string => `${indexPath}.old`;

/** A new index is made here before it takes the place of the old one. */
export const rebuiltPath = (indexPath: string): string => `${indexPath}.rebuilt`;

/** All files that SQLite makes for the database at `path`; not all of them are there all the time. */
export const databaseFiles = (path: string): string[] =>
  ["", "-wal", "-shm", "-journal"].map((end) => path + end);

/** All files of an index, also of what was set aside of it and of what is to replace it. */
export function indexFiles(indexPath: string): string[] {
  return [indexPath, asidePath(indexPath), rebuiltPath(indexPath)].flatMap(databaseFiles);
}

/** Removes those of these files that are there. */
export function removeFiles(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
