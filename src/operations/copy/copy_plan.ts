import { KEYS_STORED_MAX } from "../../model/host_keys.ts";
import type { Manifest } from "../../model/manifest.ts";
import { type NamedBlob, nameOf } from "../../model/blob_list.ts";
import { listName, manifestName, snapshotName } from "../../model/names.ts";

/** An object of a snapshot, as its manifest names it. */
export interface NamedObject {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

export interface PlannedSnapshot {
  readonly id: string;
  /** What the target lacks and no snapshot before it brings along, without the manifest. */
  readonly objects: number;
  readonly bytes: number;
  /** The target has all of it. */
  readonly isWhole: boolean;
  /** The target has it under another manifest, of before a repair of the source: that one counts. */
  readonly isKept: boolean;
  /** Small objects beside it, pins for one. */
  readonly beside: readonly string[];
}

export interface CopyProblem {
  readonly object: string;
  /** What is wrong with it, as in `is damaged: …`. */
  readonly state: string;
  /** The snapshots that were not copied for it. */
  readonly snapshots: readonly string[];
}

/** What a copy would do. */
export interface CopyPlan {
  /** In the order in which they are copied. */
  readonly snapshots: readonly PlannedSnapshot[];
  /** Names and sizes of what the target lacks. */
  readonly missing: ReadonlyMap<string, number>;
  readonly bytes: number;
  /** Objects that the target has. */
  readonly objectsPresent: number;
  /** What keeps snapshots from being copied. */
  readonly problems: readonly CopyProblem[];
}

/** The lists and blobs that a snapshot needs, but those that a repair has given up. */
export function* contentsOf(manifest: Manifest, blobs: readonly NamedBlob[]): Generator<NamedObject> {
  for (const [sha256, size] of manifest.lists) yield { name: listName(sha256), size, sha256 };
  const lost = new Set(manifest.lost);
  for (const blob of blobs) {
    const name = nameOf(blob);
    if (!lost.has(name)) yield { name, size: blob[2], sha256: blob[1] };
  }
}

/** The encrypted part of a snapshot, which also announces its manifest. */
export function announcementOf({ id, snapshot }: Manifest): NamedObject {
  return { name: snapshotName(id), ...snapshot };
}

/** Every object that a snapshot needs but its manifest. */
export function* objectsOf(manifest: Manifest, blobs: readonly NamedBlob[]): Generator<NamedObject> {
  yield* contentsOf(manifest, blobs);
  yield announcementOf(manifest);
}

/** Takes manifests one by one, so that only one is held at a time. */
export class CopyPlanner {
  readonly #present: ReadonlyMap<string, number>;
  readonly #snapshots: PlannedSnapshot[] = [];
  readonly #missing = new Map<string, number>();
  readonly #found = new Set<string>();
  readonly #problems: CopyProblem[] = [];
  #bytes = 0;

  /** `present`: names and sizes of what the target has, without voids. An object of another size counts as missing. */
  constructor(present: ReadonlyMap<string, number>) {
    this.#present = present;
  }

  /**
   * `beside`: names of objects of the source that belong to the snapshot and that its manifest does not name. `isKept` where `manifest` is
   * the target's own.
   */
  add(manifest: Manifest, blobs: readonly NamedBlob[], beside: readonly string[], isKept = false): void {
    let objects = 0;
    let bytes = 0;
    let isWhole = this.#present.has(manifestName(manifest.id));
    for (const { name, size } of objectsOf(manifest, blobs)) {
      if (this.#present.get(name) === size) this.#found.add(name);
      else {
        isWhole = false;
        if (this.#missing.has(name)) continue;
        this.#missing.set(name, size);
        objects++;
        bytes += size;
      }
    }
    this.#bytes += bytes;
    const lacking = beside.filter((name) => !this.#present.has(name));
    isWhole &&= lacking.length === 0;
    this.#snapshots.push({ id: manifest.id, objects, bytes, isWhole, isKept, beside: lacking });
  }

  /** A snapshot cannot be copied. */
  addProblem(id: string, object: string, state: string): void {
    this.#problems.push({ object, state, snapshots: [id] });
  }

  get plan(): CopyPlan {
    const objectsPresent = this.#found.size;
    const [snapshots, missing, problems] = [this.#snapshots, this.#missing, this.#problems];
    return { snapshots, missing, bytes: this.#bytes, objectsPresent, problems };
  }
}

/** Bytes of an object that no manifest names: sealed keys are the largest. Who else may write to the store decides nothing about our memory. */
export const BESIDE_MAX = KEYS_STORED_MAX;

/** Copies under way at a time: enough that waiting for one hides behind the others. */
const COPIES_MAX = 8;
/** Of all copies under way together, unless one object alone is larger. */
const BYTES_MAX = 128 * 1024 * 1024;

/** How many objects, each of which is held whole, may be under way. */
export function copiesAtOnce(largestBytes: number): number {
  return Math.max(1, Math.min(COPIES_MAX, Math.floor(BYTES_MAX / Math.max(1, largestBytes))));
}
