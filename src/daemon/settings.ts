import type { Config } from "../config/config.ts";
import { pathOf } from "../model/path.ts";
import type { BackupOptions } from "../operations/options.ts";
import { compileExcludes } from "../scan/exclude.ts";
import { normalizeRoots } from "../scan/walk.ts";
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
  };
}

function watched({ name, roots, exclude, oneFileSystem, excludeCaches }: BackupOptions): WatchedSnapshot {
  return {
    name,
    roots: normalizeRoots(roots.map(pathOf)),
    isExcluded: compileExcludes(exclude),
    oneFileSystem,
    excludeCaches,
    key: JSON.stringify([roots, exclude, oneFileSystem, excludeCaches]),
  };
}
