import type { HostTools } from "../read/hosts.ts";
import type { Tools } from "../read/tools.ts";
import { type ResolvedSnapshot, resolveSnapshots } from "../read/resolve.ts";
import { hostsFor, type StoreOptions } from "./session.ts";

/** Snapshots of one host. */
export interface Chosen {
  readonly tools: HostTools;
  /** None means all. */
  readonly snapshotIds: readonly string[];
}

/** The snapshots that the words of a command name, by host; without any those of the hosts that it goes through. */
export async function chosen(
  tools: Tools,
  wanted: readonly string[],
  options: Pick<StoreOptions, "host" | "allHosts">,
): Promise<Chosen[]> {
  if (wanted.length === 0) {
    return (await hostsFor(tools, options)).map((host) => ({ tools: host, snapshotIds: [] }));
  }
  const found: ResolvedSnapshot[] = [];
  for (const word of wanted) {
    for (const snapshot of await resolveSnapshots(tools, word, options)) found.push(snapshot);
  }
  return [...Map.groupBy(found, ({ tools }) => tools.host).values()]
    .map((some) => ({ tools: some[0]!.tools, snapshotIds: some.map(({ id }) => id) }));
}
