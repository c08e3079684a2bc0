import { type NamedBlob, nameOf } from "../../model/blob_list.ts";
import type { Manifest } from "../../model/manifest.ts";
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
  readonly objects: readonly NamedBlob[];
}

/** A manifest, and all blobs that it names: its lists and its tail are made from these. */
export interface FullManifest {
  readonly manifest: Manifest;
  readonly blobs: readonly NamedBlob[];
}

/** The manifest of a snapshot after a repair; `undefined` where it has nothing to gain. New blobs come last, as they were stored last. */
export function healedManifest(full: FullManifest, moves: readonly Move[]): FullManifest | undefined {
  const { manifest } = full;
  const names = new Set(full.blobs.map(nameOf));
  const useful = moves.filter((move) => isUseful(manifest, names, move));
  if (useful.length === 0) return undefined;
  const blobs = new Map(full.blobs.map((blob) => [nameOf(blob), blob]));
  const lost = new Set(manifest.lost);
  const relocations = [...manifest.relocations ?? []];
  const add = (blob: NamedBlob) => {
    if (!blobs.has(nameOf(blob))) blobs.set(nameOf(blob), blob);
  };
  for (const { kind, id, isComplete, isGone, list, objects } of useful) {
    const name = blobName(kind, id);
    if (isComplete || isGone) blobs.delete(name);
    if (isComplete) lost.delete(name);
    else if (isGone) lost.add(name);
    objects.forEach(add);
    if (list === undefined) continue;
    relocations.push(list.ref);
    add(list.object);
  }
  return {
    manifest: {
      ...manifest,
      relocations: relocations.length === 0 ? undefined : relocations,
      lost: lost.size === 0 ? undefined : [...lost].sort(),
    },
    blobs: [...blobs.values()],
  };
}

/** The manifest without objects that the snapshot turned out not to need; `undefined` where it names none of them. */
export function withoutObjects(full: FullManifest, names: ReadonlySet<string>): FullManifest | undefined {
  const { manifest } = full;
  const blobs = full.blobs.filter((blob) => !names.has(nameOf(blob)));
  const lost = manifest.lost?.filter((name) => !names.has(name)) ?? [];
  if (blobs.length + lost.length === full.blobs.length + (manifest.lost?.length ?? 0)) return undefined;
  return { manifest: { ...manifest, lost: lost.length === 0 ? undefined : lost }, blobs };
}

/** Whether the snapshot needs the lost blob, and the move is more than an earlier repair has said of it. */
function isUseful(
  manifest: Manifest,
  names: ReadonlySet<string>,
  { kind, id, isComplete, isGone, list }: Move,
): boolean {
  const isNamed = names.has(blobName(kind, id));
  const wasLost = manifest.lost?.includes(blobName(kind, id)) ?? false;
  if (isComplete) return isNamed || wasLost;
  if (wasLost) return false;
  const wasMoved = manifest.relocations?.some(([lost]) => lost === id) ?? false;
  return isNamed && (isGone || list !== undefined && !wasMoved);
}
