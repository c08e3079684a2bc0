import { DatabaseSync } from "node:sqlite";
import type { KnownSnapshot } from "./index.ts";

/**
 * The last snapshot of each name that was made through the index at `path`, which is only read. None where there is no index, it is in
 * use, or may not be read: the answer serves for warnings alone.
 */
export function lastSnapshots(path: string): KnownSnapshot[] {
  try {
    const db = new DatabaseSync(path, { timeout: 0, readOnly: true });
    try {
      const sql = `SELECT id, name, max(finished_at) AS finishedAt, manifest_size AS manifestSize
        FROM snapshot GROUP BY name`;
      return db.prepare(sql).all() as unknown as KnownSnapshot[];
    } finally {
      db.close();
    }
  } catch {
    return [];
  }
}
