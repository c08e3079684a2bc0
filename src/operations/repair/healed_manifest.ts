import type { Manifest, StoredObject } from "../../model/manifest.ts";
import { type BlobKind, blobName } from "../../model/names.ts";
import type { StoredList } from "./relocation_lists.ts";

/** What became of the chunks of a lost blob. */
export interface Move {
  readonly kind: BlobKind;
  /** The lost blob. */
  readonly id: string;
  /** All its chunks are stored elsewhere now. */
  readonly isComplete: boolean;
  /** Nothing can be had from the blob itself any more. */
  readonly isGone: boolean;
  /** Where its chunks are now, if any are. */
  readonly list?: StoredList;
  /** The blobs that hold them. */
  readonly objects: readonly StoredObject[];
}

/** The manifest of a snapshot after a repair; `undefined` where it has nothing to gain. */
export function healedManifest(manifest: Manifest, moves: readonly Move[]): Manifest | undefined {
  const useful = moves.filter((move) => isUseful(manifest, move));
  if (useful.length === 0) return undefined;
  const objects = { blobs: new Map(manifest.blobs), pages: new Map(manifest.pages) };
  const lost = new Set(manifest.lost);
  const relocations = [...manifest.relocations ?? []];
  for (const { kind, id, isComplete, isGone, list, objects: found } of useful) {
    if (isComplete || isGone) objects[kind].delete(id);
    if (isComplete) lost.delete(blobName(kind, id));
    else if (isGone) lost.add(blobName(kind, id));
    for (const [blob, size] of found) objects[kind].set(blob, size);
    if (list === undefined) continue;
    relocations.push(list.ref);
    objects.pages.set(...list.object);
  }
  return {
    ...manifest,
    pages: sorted(objects.pages),
    blobs: sorted(objects.blobs),
    relocations: relocations.length === 0 ? undefined : relocations,
    lost: lost.size === 0 ? undefined : [...lost].sort(),
  };
}

/** The manifest without objects that the snapshot turned out not to need; `undefined` where it names none of them. */
export function withoutObjects(manifest: Manifest, names: ReadonlySet<string>): Manifest | undefined {
  const isKept = (kind: BlobKind) => ([id]: StoredObject) => !names.has(blobName(kind, id));
  const blobs = manifest.blobs.filter(isKept("blobs"));
  const pages = manifest.pages.filter(isKept("pages"));
  const lost = manifest.lost?.filter((name) => !names.has(name)) ?? [];
  const count = blobs.length + pages.length + lost.length;
  if (count === manifest.blobs.length + manifest.pages.length + (manifest.lost?.length ?? 0)) {
    return undefined;
  }
  return { ...manifest, blobs, pages, lost: lost.length === 0 ? undefined : lost };
}

/** Whether the snapshot needs the lost blob, and the move is more than an earlier repair has said of it. */
function isUseful(manifest: Manifest, { kind, id, isComplete, isGone, list }: Move): boolean {
  const isNamed = manifest[kind].some(([name]) => name === id);
  const wasLost = manifest.lost?.includes(blobName(kind, id)) ?? false;
  if (isComplete) return isNamed || wasLost;
  if (wasLost) return false;
  const wasMoved = manifest.relocations?.some(([lost]) => lost === id) ?? false;
  return isNamed && (isGone || list !== undefined && !wasMoved);
}

function sorted(objects: ReadonlyMap<string, number>): StoredObject[] {
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1));
}
