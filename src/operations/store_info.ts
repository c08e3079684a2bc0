import { METADATA_PREFIX } from "../model/names.ts";
import type { Tools } from "./options.ts";
import { listSnapshots } from "./snapshots.ts";

export interface StoreInfo {
  readonly location: string;
  readonly kinds: readonly { readonly kind: string; readonly objects: number; readonly bytes: number }[];
  readonly snapshots: number;
  readonly hosts: readonly string[];
}

/** What is in the store, by kind of object. */
export async function storeInfo(tools: Tools): Promise<StoreInfo> {
  const kinds = [];
  for (const [kind, prefix] of [["blobs", "blobs/"], ["pages", "pages/"], ["metadata", METADATA_PREFIX]]) {
    let objects = 0;
    let bytes = 0;
    for await (const { size } of tools.store.list(prefix, { signal: tools.signal })) {
      objects++;
      bytes += size;
    }
    kinds.push({ kind, objects, bytes });
  }
  const snapshots = await listSnapshots(tools);
  const hosts = [...new Set(snapshots.map((snapshot) => snapshot.host))].sort();
  return { location: tools.store.location, kinds, snapshots: snapshots.length, hosts };
}
