import { openExisting } from "./check_index.ts";

/** Removes the index, and what was set aside of it; the host's key beside it stays. Throws where a run is using it. */
export function removeIndex(indexPath: string): void {
  using _ = openExisting(indexPath);
  for (const end of ["", "-wal", "-shm", ".old", ".rebuilt"]) {
    try {
      Deno.removeSync(indexPath + end);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
