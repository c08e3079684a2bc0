import { type Browser, openSnapshotTree } from "../browse/open_snapshot.ts";
import { openHostKeys } from "../../read/sealed_keys.ts";
import { hostsOf } from "../../read/hosts.ts";
import type { SnapshotInfo } from "../../read/snapshot_info.ts";
import { listSnapshots } from "../../read/snapshots.ts";
import { MountedTree } from "./mounted_tree.ts";
import type { ShownSnapshot } from "./top.ts";

/** All snapshots of a store that count, as one tree: `hosts/NAME/SET/TIME/…`. */
export function storeTree(browser: Browser): MountedTree {
  const { tools, opener } = browser;
  const namesKeys = new Map(tools.namesKeys);
  return new MountedTree({
    async list() {
      const shown: ShownSnapshot[] = [];
      for (const host of await hostsOf(tools)) {
        if (!namesKeys.has(host.host)) {
          const keys = await openHostKeys(host, opener);
          if (keys !== undefined) namesKeys.set(host.host, keys.namesKey);
        }
        for (const snapshot of await listSnapshots({ ...host, namesKeys })) shown.push(toShown(snapshot));
      }
      return shown;
    },
    open: ({ hostId, id }) => openSnapshotTree(browser, hostId, id),
    now: tools.now,
  });
}

function toShown({ id, host, hostname, name, set, startedAt }: SnapshotInfo): ShownSnapshot {
  return { id, hostId: host, hostname, set: name ?? set, startedAt };
}
