import { sha256Hex } from "../base/digest.ts";
import type { Config } from "../config/config.ts";
import type { SnapshotConfig } from "../config/snapshots.ts";
import { daemonFiles } from "../daemon/control.ts";
import { indexFiles } from "../index/files.ts";
import { rulesOf } from "../model/selection.ts";
import type { BackupOptions } from "../operations/backup/options.ts";
import { sqliteSource } from "../operations/backup/sqlite_source.ts";
import { directoryOf } from "../store/backends.ts";
import { commandSource } from "./command_source.ts";

export function backupOptions(config: Config, snapshot: SnapshotConfig): BackupOptions {
  return {
    name: snapshot.name,
    hostname: config.hostname,
    roots: snapshot.paths,
    aliases: snapshot.aliases,
    streams: [
      ...snapshot.commands.map(commandSource),
      ...snapshot.sqlite.map(({ path, database }) =>
        sqliteSource({ path, database, copy: sqliteCopy(config, database) })
      ),
    ],
    exclude: [...config.exclude, ...snapshot.exclude, ...ownFiles(config)],
    ...rulesOf(snapshot),
    guard: snapshot.guard,
    publicNames: config.publicNames,
    recipients: config.ageRecipients,
    indexPath: config.indexPath,
    chunkSizeBytes: config.chunkSizeBytes,
    blobSizeBytes: config.blobSizeBytes,
    compressionLevel: config.compressionLevel,
    maxWaste: config.prune.maxWaste,
    readers: config.threads,
    connections: config.storage.connections,
    memoryBytes: config.memoryBytes,
  };
}

/** Beside the index, where there is room for a file that others must not read. */
function sqliteCopy({ indexPath }: Config, database: string): string {
  return `${indexPath}.copy-${sha256Hex(new TextEncoder().encode(database)).slice(0, 16)}`;
}

/** Patterns for the index and the store: backing them up into themselves would never come to rest. */
function ownFiles(config: Config): string[] {
  const { indexPath } = config;
  const index = [...indexFiles(indexPath), ...daemonFiles(indexPath)].map(literalPattern);
  index.push(literalPattern(`${indexPath}.cache`) + "/");
  for (const { sqlite } of config.snapshots) {
    for (const { database } of sqlite) index.push(literalPattern(sqliteCopy(config, database)));
  }
  const directory = directoryOf(config.storage);
  return directory === undefined ? index : [...index, literalPattern(directory) + "/"];
}

/** A gitignore pattern that matches exactly `path`. */
function literalPattern(path: string): string {
  return path.replace(/[\\*?[\]!# ]/g, "\\$&");
}
