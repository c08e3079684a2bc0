import type { Retention } from "../model/retention.ts";
import type { Settings } from "./schema.ts";

/** How the store is kept small. */
export interface PruneConfig {
  /** How long a blob must be there, and then marked for deletion, before a prune deletes it. */
  readonly graceMs: number;
  /** A prune marks no younger blob. */
  readonly minAgeMs: number;
  /** Share of a blob, 0 to 1, that may be unused before the rest of it is stored again. */
  readonly maxWaste: number;
}

export function pruneConfig({ prune_grace, prune_min_age, max_waste }: Settings): PruneConfig {
  return { graceMs: prune_grace, minAgeMs: prune_min_age, maxWaste: max_waste };
}

/** The policies of this host's snapshots, as the configuration has them. */
export function policies(
  { snapshots }: {
    readonly snapshots: readonly { readonly name: string; readonly retention?: Retention }[];
  },
): (snapshot: { readonly name: string | undefined }) => Retention | undefined {
  const byName = new Map(snapshots.map(({ name, retention }) => [name, retention]));
  return ({ name }) => name === undefined ? undefined : byName.get(name);
}
