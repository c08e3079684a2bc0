import type { Retention } from "../model/retention.ts";
import type { Section } from "./section.ts";

export const PRUNE_KEYS = ["prune_grace", "prune_min_age", "max_waste"];

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** How the store is kept small. */
export interface PruneConfig {
  /** How long a blob must be there, and then marked for deletion, before a prune deletes it. */
  readonly graceMs: number;
  /** A prune marks no younger blob. */
  readonly minAgeMs: number;
  /** Share of a blob, 0 to 1, that may be of no use before the rest of it is stored afresh. */
  readonly maxWaste: number;
}

export function pruneConfig(top: Section): PruneConfig {
  return {
    graceMs: top.duration("prune_grace", "24h", { min: 0, max: YEAR_MS }),
    minAgeMs: top.duration("prune_min_age", "0s", { min: 0, max: YEAR_MS }),
    maxWaste: share(top, "max_waste", "30%"),
  };
}

function share(top: Section, key: string, fallback: string): number {
  const text = top.has(key) ? top.text(key, "a share from 0% to 100%")! : fallback;
  const match = /^(\d{1,3}(?:\.\d+)?) ?%$/.exec(text);
  const value = match === null ? NaN : Number(match[1]) / 100;
  if (value >= 0 && value <= 1) return value;
  throw top.refusal(key, "a share from 0% to 100%");
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
