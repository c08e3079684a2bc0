import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { DamagedIndexError, EnvironmentError, UsageError } from "../base/errors.ts";
import { isExpected } from "../base/exit_codes.ts";
import schema from "../../schema.sql" with { type: "text" };
import { asidePath, databaseFiles, removeFiles } from "./files.ts";
import { canMigrate, migrate } from "./migrations.ts";
import { PRIVATE_FILE } from "../platform/durable_file.ts";

/** Raised with every change of schema.sql, together with a step in migrations.ts. */
export const SCHEMA_VERSION = 12;

const PRAGMAS = `
  PRAGMA locking_mode = exclusive;
  PRAGMA journal_mode = wal;
  PRAGMA synchronous = normal;
  PRAGMA temp_store = memory;
  PRAGMA cache_size = -4096;
  PRAGMA wal_autocheckpoint = 16384;
`;

/** Parents of the index are made for this user only: names of files are in it. */
const PRIVATE_DIRECTORY = 0o700;

/** A statement whose rows are known to be `Row`s: SQL and type are to be read together. */
export class Select<Row> {
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    this.#statement = statement;
  }

  all(...values: SQLInputValue[]): Row[] {
    return this.#statement.all(...values) as Row[];
  }

  get(...values: SQLInputValue[]): Row | undefined {
    return this.#statement.get(...values) as Row | undefined;
  }

  /** The row that must be there: an index without it is damaged. */
  one(...values: SQLInputValue[]): Row {
    const row = this.get(...values);
    if (row === undefined) throw new DamagedIndexError("The index lacks a row that others name");
    return row;
  }
}

/**
 * The SQLite file, held by this process alone until it is closed: the operating system's lock on it ends with the process.
 * An index of an earlier version is brought up to this one. What is damaged, or too old for that, is set aside as `<path>.old` and replaced by a new one.
 */
export class Database implements Disposable {
  readonly path: string;
  readonly #db: DatabaseSync;
  /** Why a new index was made, if an old one was there. */
  readonly replaced: string | undefined;

  /** Throws `EnvironmentError` where the file cannot be made, or another process has it, `UsageError` where a newer Vaultik has made it. */
  constructor(path: string) {
    this.path = path;
    const opened = openOrReplace(path);
    this.#db = opened.db;
    this.replaced = opened.replaced;
  }

  prepare(sql: string): StatementSync {
    return this.#db.prepare(sql);
  }

  /** A statement that gives rows. */
  select<Row>(sql: string): Select<Row> {
    return new Select<Row>(this.prepare(sql));
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#db.prepare(sql).run(...values);
  }

  /** All that `work` writes is there or none of it. Throws `EnvironmentError` where the disk is full or fails. */
  transaction<T>(work: () => T): T {
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw asEnvironmentError(this.path, error);
    }
  }

  /** What SQLite finds wrong with the file, and rows that refer to blobs that are not there. */
  faults(): string[] {
    try {
      const rows = this.prepare("PRAGMA integrity_check").all();
      const faults = rows.map((row) => row.integrity_check as string).filter((text) => text !== "ok");
      for (const table of ["chunk", "page_place"]) {
        const sql = `SELECT count(*) AS count FROM ${table} WHERE blob NOT IN (SELECT number FROM blob)`;
        const { count } = this.prepare(sql).get() as { count: number };
        if (count > 0) faults.push(`${count} rows of "${table}" name a blob that the index does not have`);
      }
      return faults;
    } catch (error) {
      if (!isDamage(error)) throw error;
      return [(error as Error).message];
    }
  }

  /** Replaces all contents by those of the index at `path`, which no one has open; all or nothing. */
  replaceBy(path: string): void {
    this.prepare("ATTACH ? AS other").run(path);
    const names = this.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").all();
    this.transaction(() => {
      for (const { name } of names) {
        this.#db.exec(`DELETE FROM main.${name}; INSERT INTO main.${name} SELECT * FROM other.${name}`);
      }
    });
    this.#db.exec("DETACH other");
  }

  /** Gives the space of what was deleted back to the file system. */
  vacuum(): void {
    try {
      this.#db.exec("VACUUM");
    } catch (error) {
      throw asEnvironmentError(this.path, error);
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

function openOrReplace(path: string): { db: DatabaseSync; replaced?: string } {
  makeParent(path);
  try {
    return { db: open(path) };
  } catch (error) {
    const reason = whyUseless(error);
    if (reason === undefined) throw asEnvironmentError(path, error);
    setAside(path);
    return { db: open(path), replaced: reason };
  }
}

class OtherVersionError extends Error {}

/** What a new index has for a schema. */
let wantedSchema: string | undefined;

function schemaOf(db: DatabaseSync): string {
  const rows = db.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").all();
  return JSON.stringify(rows);
}

/** Throws `DamagedIndexError` unless the tables are those that this program makes. */
function checkSchema(db: DatabaseSync): void {
  if (wantedSchema === undefined) {
    const fresh = new DatabaseSync(":memory:");
    fresh.exec(schema);
    wantedSchema = schemaOf(fresh);
    fresh.close();
  }
  if (schemaOf(db) !== wantedSchema) throw new DamagedIndexError("its tables are not those that were made");
}

/** Makes the file where there is none: SQLite would let others read it, and what it writes beside it, until its mode is set. */
function makePrivate(path: string): void {
  try {
    // Only where it is new: whoever closes a file loses all locks that the process has on it.
    Deno.openSync(path, { createNew: true, write: true, mode: PRIVATE_FILE }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    Deno.chmodSync(path, PRIVATE_FILE);
  }
}

function open(path: string): DatabaseSync {
  makePrivate(path);
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec(PRAGMAS);
    db.exec("BEGIN EXCLUSIVE");
    const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
    const isOlder = version !== 0 && version !== SCHEMA_VERSION;
    if (version === 0) db.exec(schema);
    if (isOlder) migrateFrom(db, version, path);
    if (version !== SCHEMA_VERSION) db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    checkSchema(db);
    db.exec("COMMIT");
    if (isOlder) db.exec("VACUUM");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrateFrom(db: DatabaseSync, version: number, path: string): void {
  if (version > SCHEMA_VERSION) {
    throw new UsageError(
      `Cannot use index "${path}": it was made by a newer Vaultik; upgrade this one, or delete the index (vaultik database purge)`,
    );
  }
  if (!canMigrate(version, SCHEMA_VERSION)) throw new OtherVersionError(`it has schema version ${version}`);
  migrate(db, version, SCHEMA_VERSION, schema);
}

function makeParent(path: string): void {
  const parent = path.slice(0, path.lastIndexOf("/")) || "/";
  try {
    Deno.mkdirSync(parent, { recursive: true, mode: PRIVATE_DIRECTORY });
  } catch (error) {
    throw asEnvironmentError(path, error);
  }
}

function whyUseless(error: unknown): string | undefined {
  if (error instanceof OtherVersionError) return error.message;
  return isIndexDamage(error) ? `it is damaged (${(error as Error).message})` : undefined;
}

/** What SQLite says of a file that is not what it wrote: of its structure, of its schema, of values that its schema forbids. */
const DAMAGE =
  /malformed|not a database|no such (table|column|index)|has no column named|constraint failed|datatype mismatch|unsupported file format/;

/** Whether SQLite says that the file is not what it wrote. What a store or a path says in such words is none of its errors. */
function isDamage(error: unknown): boolean {
  return error instanceof Error && !isExpected(error) && DAMAGE.test(error.message);
}

/** Whether `error` means that an index is damaged; it may come from another thread. */
export function isIndexDamage(error: unknown): boolean {
  return error instanceof DamagedIndexError || isDamage(error);
}

/** Throws `EnvironmentError` where another process has the index at `path`, whatever state it is in. */
export function checkUnused(path: string): void {
  try {
    const db = new DatabaseSync(path, { timeout: 0 });
    try {
      db.exec("PRAGMA locking_mode = exclusive; BEGIN EXCLUSIVE; ROLLBACK");
    } finally {
      db.close();
    }
  } catch (error) {
    const refusal = asEnvironmentError(path, error);
    if (refusal instanceof EnvironmentError) throw refusal;
  }
}

/** What is wrong with the index at `path`, which is only read; `undefined` where nothing is. */
export function indexFault(path: string): string | undefined {
  try {
    const db = new DatabaseSync(path, { timeout: 0, readOnly: true });
    try {
      const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
      if (version > SCHEMA_VERSION) return "it was made by a newer Vaultik";
      if (!canMigrate(version, SCHEMA_VERSION)) checkSchema(db);
      const { quick_check: found } = db.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
      return found === "ok" ? undefined : found;
    } finally {
      db.close();
    }
  } catch (error) {
    return isIndexDamage(error) ? (error as Error).message : undefined;
  }
}

/** Keeps a damaged index as `<path>.old`, so that the next one starts empty. No one has it open. */
export function setAside(path: string): void {
  Deno.renameSync(path, asidePath(path));
  removeFiles(databaseFiles(path));
}

function asEnvironmentError(path: string, error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error);
  const message = /locked|busy/.test(text)
    ? `Cannot use index "${path}": another vaultik run is using it; wait for it to end`
    : /full|disk I\/O|readonly|unable to open|denied|Read-only|os error/i.test(text)
    ? `Cannot write index "${path}": ${text}`
    : undefined;
  return message === undefined ? error : new EnvironmentError(message, { cause: error });
}
