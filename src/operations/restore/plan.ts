import { blobName } from "../../model/names.ts";
import { type ClassAmount, type Retrievals, retrievals } from "../../model/retrieval.ts";
import { isCold } from "../../model/storage_classes.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { RestoreOptions } from "./options.ts";
import { findNeeded } from "./needed.ts";
import { openSnapshot } from "./opened.ts";

/** What a restore would read, and what that takes. */
export interface RestorePlan {
  readonly id: string;
  /** Whether files could not be read when the snapshot was made. */
  readonly incomplete: boolean;
  readonly target: string;
  readonly files: number;
  readonly directories: number;
  readonly others: number;
  readonly bytes: number;
  /** Blobs with contents of the files, whole; a restore of few files fetches less of them. */
  readonly objects: number;
  readonly storedBytes: number;
  /** Objects that tell of the entries: the plan has read them, and the restore will. */
  readonly objectsRead: number;
  readonly bytesRead: number;
  /** By storage class, where the store names it. */
  readonly classes: readonly ClassAmount[];
  /** Whether some of it has to be asked back from cold storage. */
  readonly isCold: boolean;
  /** At list prices, by how soon it is wanted; empty where nothing is known to cost anything. */
  readonly retrievals: readonly Retrievals[];
}

/** Reads pages, lists blobs, and writes nothing. */
export async function planRestore(tools: HostTools, options: RestoreOptions): Promise<RestorePlan> {
  const opened = await openSnapshot(tools, options);
  const { blobs, ...found } = await findNeeded(opened.selection, opened);
  const names = new Set([...blobs.keys()].map((id) => blobName("blobs", id)));
  const classes = await classesOf(tools, names);
  const prices = retrievals(classes);
  return {
    ...found,
    id: options.snapshotId,
    incomplete: opened.incomplete,
    target: options.target,
    objects: names.size,
    storedBytes: [...blobs.values()].reduce((sum, size) => sum + size, 0),
    objectsRead: opened.source.objectsRead,
    bytesRead: opened.source.bytesFetched,
    classes,
    isCold: classes.some(({ storageClass }) => isCold(storageClass)),
    retrievals: prices.some(({ cost }) => cost > 0) ? prices : [],
  };
}

async function classesOf({ store, signal }: HostTools, names: ReadonlySet<string>): Promise<ClassAmount[]> {
  const amounts = new Map<string, { objects: number; bytes: number }>();
  for await (const { name, size, storageClass } of store.list("blobs/", { signal })) {
    if (!names.has(name) || storageClass === undefined) continue;
    const amount = amounts.get(storageClass) ?? { objects: 0, bytes: 0 };
    amounts.set(storageClass, { objects: amount.objects + 1, bytes: amount.bytes + size });
  }
  return [...amounts].map(([storageClass, amount]) => ({ storageClass, ...amount }));
}
