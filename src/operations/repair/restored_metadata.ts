import { sha256Hex } from "../../base/digest.ts";
import type { MetadataCopy } from "../../index/metadata_copies.ts";
import { manifestName, snapshotName } from "../../model/names.ts";
import type { Tools } from "../options.ts";
import type { DamageMap } from "../verify/damage.ts";

/** Puts manifests and snapshots back of which the index has a copy; the ids of their snapshots. */
export async function restoreMetadata(
  { store, signal }: Tools,
  copies: readonly MetadataCopy[],
  damage: DamageMap,
): Promise<string[]> {
  const restored: string[] = [];
  for (const { id, manifest, sealed } of copies) {
    const objects = [[snapshotName(id), sealed], [manifestName(id), manifest]] as const;
    const damaged = objects.filter(([name]) => damage.has(name));
    for (const [name, bytes] of damaged) {
      await store.put(name, bytes, { sha256: sha256Hex(bytes), signal });
      damage.delete(name);
    }
    if (damaged.length > 0) restored.push(id);
  }
  return restored;
}
