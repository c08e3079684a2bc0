import { sha256Hex } from "../../base/digest.ts";
import { ExistsError } from "../../base/errors.ts";
import type { MetadataCopy } from "../../index/metadata_copies.ts";
import type { HostKeys } from "../../model/host_keys.ts";
import {
  isHostObject,
  KEYS_PREFIX,
  manifestName,
  parseContentName,
  snapshotName,
} from "../../model/names.ts";
import { announceHost } from "../../write/announce_host.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { DamageMap } from "../verify/damage.ts";

/** Puts manifests and snapshots back of which the index has a copy; the ids of their snapshots. */
export async function restoreMetadata(
  tools: HostTools,
  copies: readonly MetadataCopy[],
  damage: DamageMap,
): Promise<string[]> {
  const restored: string[] = [];
  for (const { id, manifest, sealed } of copies) {
    const objects = [[snapshotName(id), sealed], [manifestName(id), manifest]] as const;
    const damaged = objects.filter(([name]) => damage.has(name));
    let isWhole = true;
    for (const [name, bytes] of damaged) isWhole &&= await putBack(tools, name, bytes, damage);
    if (damaged.length > 0 && isWhole) restored.push(id);
  }
  await restoreLists(tools, damage);
  return restored;
}

/**
 * False where what was missing is there meanwhile: a prune that has met a snapshot without a manifest has put a void in its place, and what
 * it needs may be gone.
 */
async function putBack(
  { store, signal }: HostTools,
  name: string,
  bytes: Uint8Array,
  damage: DamageMap,
): Promise<boolean> {
  const createOnly = damage.get(name)!.state === "is missing";
  try {
    await store.put(name, bytes, { sha256: sha256Hex(bytes), signal, createOnly });
  } catch (error) {
    if (!(error instanceof ExistsError)) throw error;
    return false;
  }
  damage.delete(name);
  return true;
}

/** Writes again what makes the directory that of this host, where any of it is damaged. */
export async function restoreHost(
  tools: HostTools,
  keys: HostKeys,
  names: { readonly hostname: string; readonly recipients: readonly string[] },
  damage: DamageMap,
): Promise<void> {
  const { store, signal } = tools;
  const damaged = [...damage.keys()].filter(isHostObject);
  if (damaged.length === 0) return;
  for (const name of damaged) if (name !== KEYS_PREFIX) await store.remove(name, { signal });
  await announceHost(tools, keys, names);
  for (const name of damaged) damage.delete(name);
}

/** Puts lists back of which this machine has kept a copy. */
async function restoreLists({ store, signal, cache }: HostTools, damage: DamageMap): Promise<void> {
  for (const name of damage.keys()) {
    const parsed = parseContentName(name);
    if (parsed?.kind !== "lists") continue;
    const bytes = cache?.get("lists", parsed.id);
    if (bytes === undefined || sha256Hex(bytes) !== parsed.id) continue;
    await store.put(name, bytes, { sha256: parsed.id, signal });
    damage.delete(name);
  }
}
