import { DatabaseSync, type StatementSync } from "node:sqlite";
import { fromBase64, fromLatin1 } from "../base/bytes.ts";
import type { Entry } from "../model/entry.ts";
import { displayPath, parentOf } from "../model/path.ts";

// What a snapshot lists, as a database for questions of people's own. Nothing reads it back.

const SCHEMA = `
  create table snapshot (name text primary key, value text) strict, without rowid;
  create table entries (
    path text not null,           -- bytes that are not UTF-8 as \\xNN
    path_bytes blob primary key,
    directory text not null,
    name text not null,
    kind text not null,           -- file, directory, symlink, fifo, char_device, block_device
    mode integer not null,
    uid integer not null,
    gid integer not null,
    user text,
    "group" text,
    mtime text not null,          -- UTC, to the second
    mtime_ns text not null,       -- nanoseconds since 1970
    size integer,
    hole_bytes integer,
    target text,
    hardlink text,
    chunks integer                -- of files with contents of their own and not very many chunks
  ) strict, without rowid;
  create table xattrs (path_bytes blob not null, name text not null, value blob not null) strict;
`;
const BATCH = 10_000;

/** A new database of entries. The caller sees to it that there is no file at `path`. */
export class EntryExport implements Disposable {
  readonly #database: DatabaseSync;
  readonly #entry: StatementSync;
  readonly #xattr: StatementSync;
  #pending = 0;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    // It can be made again: no need to wait for the disk.
    this.#database.exec(`pragma journal_mode = off; pragma synchronous = off; ${SCHEMA}; begin`);
    this.#entry = this.#database.prepare(
      "insert or ignore into entries values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#xattr = this.#database.prepare("insert into xattrs values (?, ?, ?)");
  }

  add(entry: Entry, mtime: string): void {
    const { path, kind, mode, uid, gid, user, group, size, holes, target, hardlink, chunks } = entry;
    const bytes = fromLatin1(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    const text = (value: string | undefined) => value === undefined ? null : displayPath(value);
    const holeBytes = holes?.reduce((sum, [, length]) => sum + length, 0) ?? null;
    this.#entry.run(
      ...[displayPath(path), bytes, displayPath(parentOf(path)), displayPath(name), kind, mode, uid, gid],
      ...[user ?? null, group ?? null, mtime, entry.mtime, size ?? null, holeBytes],
      ...[text(target), text(hardlink), chunks?.length ?? null],
    );
    for (const [attribute, value] of entry.xattrs ?? []) {
      this.#xattr.run(bytes, displayPath(attribute), fromBase64(value));
    }
    if (++this.#pending % BATCH === 0) this.#database.exec("commit; begin");
  }

  /** Says which snapshot it is, and makes it ready for questions. */
  finish(facts: Readonly<Record<string, string>>): void {
    const fact = this.#database.prepare("insert into snapshot values (?, ?)");
    for (const [name, value] of Object.entries(facts)) fact.run(name, value);
    this.#database.exec("create index entries_by_directory on entries (directory, name); commit");
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
