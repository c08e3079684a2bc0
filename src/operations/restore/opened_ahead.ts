import { type HostTools, hostTools } from "../../read/hosts.ts";
import type { Manifest } from "../../model/manifest.ts";
import type { Choice } from "../../read/resolve.ts";
import { decodeStored } from "../../read/snapshots.ts";
import type { Tools } from "../../read/tools.ts";
import type { RestoreOptions } from "./options.ts";
import { type OpenedSnapshot, openSnapshot } from "./opened.ts";

/** What is wanted of a snapshot that is not known yet. */
export type AheadOptions = Omit<RestoreOptions, "snapshotId" | "manifest" | "paths">;

/** A snapshot that is opened while it is found out whether it is the one that is meant. */
export interface OpenedAhead {
  /** Opened, where `manifest` is that of this snapshot and nothing went wrong. */
  ifOf(tools: HostTools, manifest: Manifest): Promise<OpenedSnapshot | undefined>;
}

/**
 * Opens the last snapshot that this machine has made, by what it has kept of it: most likely it is the latest one. `undefined` where that is
 * none, or one of several source sets. What goes wrong says nothing, as the snapshot that is meant is opened then as any other.
 */
export function openAhead(
  tools: Tools,
  { host, name, before }: Choice,
  options: AheadOptions & Pick<RestoreOptions, "paths">,
): OpenedAhead | undefined {
  const { own } = tools;
  if (own === undefined || host !== undefined || before !== undefined || options.thaw !== undefined) {
    return undefined;
  }
  const made = tools.lastMade?.().filter((snapshot) => name === undefined || snapshot.name === name) ?? [];
  const id = made.length === 1 ? made[0]!.id : undefined;
  const copy = id && tools.ownCopy?.(id);
  if (!id || !copy) return undefined;
  const ownTools = hostTools(tools, own);
  let known: Manifest | undefined;
  const open = async () => {
    const manifest = known = decodeStored(ownTools, id, copy.manifest);
    return await openSnapshot(ownTools, { ...options, snapshotId: id, manifest });
  };
  const opened = open().catch(() => undefined);
  return {
    async ifOf({ host }, manifest) {
      const isSame = host === own && JSON.stringify(manifest) === JSON.stringify(known);
      return isSame ? await opened : undefined;
    },
  };
}
