import { NotFoundError } from "../base/errors.ts";
import { Index } from "../index/index.ts";
import { blobName } from "../model/names.ts";
import type { HostTools } from "../read/hosts.ts";
import { compareListing } from "../read/needed_objects.ts";

export interface IndexCheck {
  readonly indexPath: string;
  readonly blobs: number;
  /** Faults of the file: whatever it says is not to be trusted. */
  readonly faults: readonly string[];
  /** Blobs that the index knows and the store has not, or not whole. */
  readonly lost: readonly { readonly object: string; readonly state: string }[];
}

/** Checks the index: its file, and whether the store has what it says; changes neither. Throws `NotFoundError` where there is none. */
export async function checkIndex(tools: HostTools, indexPath: string): Promise<IndexCheck> {
  using index = openExisting(indexPath);
  if (index.replaced !== undefined) {
    return {
      indexPath,
      blobs: 0,
      faults: [`${index.replaced}; it was set aside as ${indexPath}.old`],
      lost: [],
    };
  }
  const faults = index.faults();
  if (faults.length > 0) return { indexPath, blobs: 0, faults, lost: [] };
  const sizes = new Map(index.blobs.all().map(({ kind, id, size }) => [blobName(kind, id), size]));
  const { faults: found } = await compareListing(tools, sizes);
  const lost = [...found].map(([object, state]) => ({ object, state }));
  return { indexPath, blobs: sizes.size, faults, lost };
}

/** The index, which must be there already. */
export function openExisting(indexPath: string): Index {
  try {
    Deno.statSync(indexPath);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new NotFoundError(`Cannot open index "${indexPath}": there is none; the next backup makes it`, {
      cause: error,
    });
  }
  return new Index(indexPath);
}
