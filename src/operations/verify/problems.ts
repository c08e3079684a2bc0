import { CorruptionError } from "../../base/errors.ts";
import { isHostObject, snapshotOfManifest } from "../../model/names.ts";
import { silent } from "../../report/events.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import type { HostTools } from "../../read/hosts.ts";
import { chosenManifests } from "./chosen.ts";
import type { CostFinder } from "./costs.ts";
import type { DamageMap } from "./damage.ts";
import { namesNeeded } from "../../read/needed_objects.ts";

/** An object that is not as it should be. */
export interface Problem {
  readonly object: string;
  /** As in `is missing`. */
  readonly state: string;
  /** Snapshots that need it. */
  readonly snapshots: readonly string[];
  /** What it costs, where that is known: with the key. */
  readonly files: readonly { readonly path: string; readonly snapshots: readonly string[] }[];
}

/** Which snapshots need the damaged objects. A snapshot that was removed meanwhile needs nothing any more. */
export async function toProblems(
  tools: HostTools,
  ids: readonly string[],
  damage: DamageMap,
  costs: CostFinder["costs"] | undefined,
): Promise<Problem[]> {
  if (damage.size === 0) return [];
  const lists = new BlobLists(tools);
  const needing = new Map<string, string[]>();
  const add = (name: string, id: string) => needing.set(name, [...needing.get(name) ?? [], id]);
  for await (const manifest of chosenManifests({ ...tools, report: silent }, ids, () => {})) {
    try {
      for await (const name of namesNeeded(manifest, lists)) if (damage.has(name)) add(name, manifest.id);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error; // its list is damage of its own
    }
    for (const name of manifest.lost ?? []) add(name, manifest.id);
  }
  const problems: Problem[] = [];
  for (const [object, { state }] of damage) {
    const snapshots = needing.get(object) ?? [];
    const isNamed = snapshots.length > 0 || snapshotOfManifest(object) !== undefined || isHostObject(object);
    if (!isNamed) continue;
    const files = [...costs?.get(object) ?? []].map(([path, snapshots]) => ({ path, snapshots }));
    problems.push({ object, state, snapshots, files });
  }
  return problems;
}
