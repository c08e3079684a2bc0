import { rulesOf } from "../model/selection.ts";
import type { Config } from "../config/config.ts";
import type { BackupOptions } from "../operations/backup/options.ts";
import { compileExcludes } from "../scan/exclude.ts";
import { FoundRoots } from "../operations/backup/found_roots.ts";
import type { DaemonSettings, WatchedSnapshot } from "./parts.ts";

/** What the daemon is to do to keep `backups` going. */
export function daemonSettings(config: Config, backups: readonly BackupOptions[]): DaemonSettings {
  return {
    snapshots: backups.map(watched),
    intervals: {
      backupMs: config.backupIntervalMs,
      fullScanMs: config.fullScanIntervalMs,
      minPauseMs: config.minTimeBetweenRunMs,
    },
    quietNames: config.quietNames,
    watcher: config.watcher,
  };
}

function watched(backup: BackupOptions): WatchedSnapshot {
  const { name, streams = [], aliases = [], exclude } = backup;
  const paths = backup.roots.filter((path) => !aliases.some(({ stored }) => stored === path));
  const rules = rulesOf(backup);
  const find = () => new FoundRoots(paths, () => {}).roots;
  const roots = find();
  return {
    name,
    roots,
    isAlwaysDue: streams.length + aliases.length > 0,
    haveMoved: () => find().join("\0") !== roots.join("\0"),
    isExcluded: compileExcludes(exclude),
    ...rules,
    key: JSON.stringify([roots, streams.map(({ path }) => path), aliases, exclude, rules]),
  };
}
