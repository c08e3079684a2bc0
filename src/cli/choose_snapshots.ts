import { UsageError } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import type { SnapshotConfig } from "../config/snapshots.ts";
import { suggestionFor } from "../config/suggestion.ts";

/** The snapshots called `names`, each once, in the order of the configuration; no names mean all. Throws `UsageError`. */
export function chooseSnapshots(config: Config, names: readonly string[]): readonly SnapshotConfig[] {
  const known = config.snapshots.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = suggestionFor(name, known);
    const advice = near === undefined ? `there are ${known.join(", ")}` : `did you mean ${near}?`;
    throw new UsageError(
      `Cannot back up ${JSON.stringify(name)}: no snapshot of that name is configured; ${advice}`,
    );
  }
  return names.length === 0 ? config.snapshots : config.snapshots.filter(({ name }) => names.includes(name));
}
