import type { Database } from "./database.ts";

/** The objects of a snapshot, as they were stored. */
export interface MetadataCopy {
  /** Of the snapshot in the configuration. */
  readonly name: string;
  readonly id: string;
  readonly manifest: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Copies of the metadata of the last snapshot of each name. */
export class MetadataCopies {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  put({ name, id, manifest, sealed }: MetadataCopy): void {
    const sql = "INSERT OR REPLACE INTO metadata_copy (name, id, manifest, sealed) VALUES (?, ?, ?, ?)";
    this.#database.transaction(() => this.#database.run(sql, name, id, manifest, sealed));
  }

  all(): MetadataCopy[] {
    return this.#database.prepare("SELECT * FROM metadata_copy").all() as unknown as MetadataCopy[];
  }

  /** The manifests of these snapshots are others now. */
  forget(ids: readonly string[]): void {
    this.#database.transaction(() => {
      for (const id of ids) this.#database.run("DELETE FROM metadata_copy WHERE id = ?", id);
    });
  }
}
