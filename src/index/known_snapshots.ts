import { DatabaseSync } from "node:sqlite";
import type { KnownSnapshot } from "./index.ts";
import type { MetadataCopy } from "./metadata_copies.ts";

/**
 * The last snapshot of each name that was made through the index at `path`, which is only read. None where there is no index, it is in
 * use, or may not be read: the answer serves for warnings alone.
 */
export function lastSnapshots(path: string): KnownSnapshot[] {
  const sql = `SELECT id, name, max(finished_at) AS finishedAt, manifest_size AS manifestSize
    FROM snapshot GROUP BY name`;
  return rowsOf<KnownSnapshot>(path, sql);
}

/** What the index at `path`, which is only read, has kept of the last snapshots; none where that cannot be had: it saves requests, no more. */
export function lastCopies(path: string): MetadataCopy[] {
  return rowsOf<MetadataCopy>(path, "SELECT name, id, manifest, sealed FROM metadata_copy");
}

function rowsOf<Row>(path: string, sql: string): Row[] {
  try {
    const db = new DatabaseSync(path, { timeout: 0, readOnly: true });
    try {
      return db.prepare(sql).all() as unknown as Row[];
    } finally {
      db.close();
    }
  } catch {
    return [];
  }
}
