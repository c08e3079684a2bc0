import type { ManifestHead } from "../model/manifest.ts";
import type { HostTools } from "../read/hosts.ts";
import { eachManifest } from "../read/snapshots.ts";

/**
 * What whoever restores a snapshot must know of it: that files could not be read when it was made, or that its sources looked wrong and
 * no one has accepted that, and which snapshot of the same source set was the last one before it that is whole. `undefined` where there is
 * nothing.
 */
export async function incompletenessOf(tools: HostTools, of: ManifestHead): Promise<string | undefined> {
  const { id, incomplete, suspicious, set, startedAt } = of;
  if (!incomplete && !suspicious) return undefined;
  let whole: string | undefined;
  for await (const found of eachManifest(tools)) {
    if ("error" in found) continue;
    const { manifest } = found;
    const isWhole = !manifest.incomplete && (!manifest.suspicious || found.accepted);
    if (manifest.id === id && isWhole) return undefined;
    if (isWhole && manifest.set === set && manifest.startedAt < startedAt) whole = manifest.id;
  }
  const state = incomplete
    ? "is incomplete: files could not be read when it was made"
    : "may lack files: what was backed up looked wrong, as an empty disk does";
  const last = whole === undefined
    ? "none before it is complete"
    : `the last complete one before it is ${whole}`;
  return `Snapshot ${id} ${state}; ${last}`;
}
