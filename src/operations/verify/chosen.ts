import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import { readAhead } from "../../base/read_ahead.ts";
import type { Manifest } from "../../model/manifest.ts";
import type { HostTools } from "../../read/hosts.ts";
import { readableManifests, readManifest } from "../../read/snapshots.ts";

const MANIFESTS_AHEAD = 16;

/** The manifests of `ids`, or all: `onUnreadable` is called for manifests that are damaged or not there. */
export async function* chosenManifests(
  tools: HostTools,
  ids: readonly string[],
  onUnreadable: (id: string, error: Error) => void,
): AsyncGenerator<Manifest> {
  if (ids.length === 0) return yield* readableManifests(tools, onUnreadable);
  const read = async (id: string) => {
    try {
      return await readManifest(tools, id);
    } catch (error) {
      if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
      onUnreadable(id, error);
    }
  };
  for await (const manifest of readAhead(new Set(ids), MANIFESTS_AHEAD, read)) {
    if (manifest !== undefined) yield manifest;
  }
}
