import type { ManifestHead } from "../model/manifest.ts";
import { type HostTools, namesKeyOf } from "./hosts.ts";
import type { OpenedCache } from "./opened_cache.ts";
import { headsOf, newestFirst } from "./newest_first.ts";
import { type Choice, chosenHosts, ownSnapshots } from "./resolve.ts";
import { namesIn } from "./signed_manifest.ts";
import { listedSnapshots } from "./snapshots.ts";
import type { Tools } from "./tools.ts";

/** The snapshots of one source set, oldest first. */
export interface SourceSet {
  readonly tools: HostTools;
  readonly name: string | undefined;
  readonly snapshots: readonly ManifestHead[];
}

/**
 * All snapshots, or those whose ids are in `ids`, of this machine, of the host that is chosen, or of all hosts, by source set. Of those
 * whose manifests cannot be read there is a warning.
 */
export async function sourceSets(
  tools: Tools,
  choice: Choice,
  ids?: ReadonlySet<string>,
  opened?: OpenedCache,
): Promise<SourceSet[]> {
  const own = ids === undefined ? await ownSnapshots(tools, choice) : undefined;
  const hosts = own === undefined ? await chosenHosts(tools, choice) : [own.host];
  const sets = new Map<string, SourceSet & { readonly snapshots: ManifestHead[] }>();
  for (const host of hosts) {
    const all = await listedSnapshots(host);
    const listed = all.filter(({ id }) => ids?.has(id) ?? true);
    opened?.setListed(host.host, all.map(({ id }) => id));
    for await (const manifest of newestFirst(host, listed, headsOf({ ...host, opened }))) {
      const name = namesIn(manifest, namesKeyOf(host, host.host))?.name;
      if (choice.name !== undefined && name !== choice.name) continue;
      const key = `${host.host} ${manifest.set}`;
      const set = sets.get(key) ?? { tools: host, name, snapshots: [] };
      sets.set(key, set);
      set.snapshots.push(manifest);
    }
  }
  for (const { snapshots } of sets.values()) snapshots.reverse();
  return [...sets.values()];
}
