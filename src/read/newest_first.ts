import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { readAhead } from "../base/read_ahead.ts";
import type { ManifestHead } from "../model/manifest.ts";
import { timeOfSnapshot } from "../model/names.ts";
import type { HostTools } from "./hosts.ts";
import type { ListedSnapshot } from "./listed_snapshot.ts";
import { knownHead, knownManifest } from "./snapshots.ts";

/** Manifests that are read before they are looked at. */
const READ_AHEAD = 16;

/** Manifests, the newest first, of which `ahead` are read at a time; those that cannot be read are left out with a warning. */
export async function* newestFirst<Read extends ManifestHead>(
  tools: HostTools,
  listed: readonly ListedSnapshot[],
  readOne: (listed: ListedSnapshot) => Promise<Read>,
  ahead = READ_AHEAD,
): AsyncGenerator<Read> {
  const read = async (one: ListedSnapshot) => {
    try {
      return await readOne(one);
    } catch (error) {
      if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
      tools.report({ kind: "warning", text: error.message });
      return undefined;
    }
  };
  const seconds = Map.groupBy(listed.toReversed(), ({ id }) => timeOfSnapshot(id)).values();
  const readSecond = (second: readonly ListedSnapshot[]) => Promise.all(second.map(read));
  for await (const manifests of readAhead(seconds, Math.min(ahead, READ_AHEAD), readSecond)) {
    yield* lastBegunFirst(manifests.filter((manifest) => manifest !== undefined));
  }
}

/** Reads manifests but for their blobs, where they were not opened before. */
export function headsOf(tools: HostTools): (listed: ListedSnapshot) => Promise<ManifestHead> {
  const opened = tools.opened?.host(tools.host);
  return async ({ id, info, sealedSize }) => {
    if (opened === undefined) return await knownManifest(tools, id, info);
    const listed = { ...info, sealedSize };
    const known = opened.manifest(id, listed);
    if (known !== undefined) return known;
    const manifest = await knownHead(tools, id, info);
    opened.putManifest(manifest, listed);
    return manifest;
  };
}

/** Ids tell the second in which a snapshot was begun: where several have the same, their manifests tell more. */
function lastBegunFirst<Read extends ManifestHead>(manifests: readonly Read[]): Read[] {
  return manifests.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}
