import { NotFoundError } from "../base/errors.ts";
import { checkUnused } from "../index/database.ts";
import { indexFiles, removeFiles } from "../index/files.ts";

/** Bytes of the index, which is not opened: it may be damaged. Throws where there is none, or a run is using it. */
export function sizeOfIndex(indexPath: string): number {
  try {
    const { size } = Deno.statSync(indexPath);
    checkUnused(indexPath);
    return size;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new NotFoundError(`Cannot open index "${indexPath}": there is none; the next backup makes it`, {
      cause,
    });
  }
}

/** Removes the index, and what was set aside of it; the host's key beside it stays. Throws as {@link sizeOfIndex} does. */
export function removeIndex(indexPath: string): void {
  sizeOfIndex(indexPath);
  removeFiles(indexFiles(indexPath));
}
