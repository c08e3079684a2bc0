import { DatabaseSync } from "node:sqlite";
import { real as files } from "./deno_calls.ts";
import { recorder } from "./recorder.ts";

// What SQLite commits, in files below the directory that is watched, goes through the recorder. How it writes is its own affair: it promises
// that after a crash there is a state that was committed, so those are kept, as copies of its files.

type Files = ReadonlyMap<string, Uint8Array>;

const ENDS = ["", "-wal", "-journal"];
const FAULTS: Record<string, readonly [number: number, words: string]> = {
  SQLITE_FULL: [13, "database or disk is full"],
  SQLITE_IOERR: [10, "disk I/O error"],
};

function read(path: string): Uint8Array | undefined {
  try {
    return files.readFileSync(path);
  } catch {
    return undefined;
  }
}

function filesOf(path: string): Files {
  return new Map(ENDS.flatMap((end) => {
    const bytes = read(path + end);
    return bytes === undefined ? [] : [[path + end, bytes]];
  }));
}

function putBack(path: string, state: Files): void {
  for (const end of [...ENDS, "-shm"]) {
    try {
      files.removeSync(path + end);
    } catch { /* It was not there. */ }
  }
  for (const [name, bytes] of state) files.writeFileSync(name, bytes, { mode: 0o600 });
}

const prototype = DatabaseSync.prototype;
const real = { exec: prototype.exec, prepare: prototype.prepare, close: prototype.close };

function refusal(fault: string): Error {
  // A disk that stays full or read-only is that for SQLite, too.
  const [errcode, words] = FAULTS[fault] ?? FAULTS[fault === "ENOSPC" ? "SQLITE_FULL" : "SQLITE_IOERR"]!;
  return Object.assign(new Error(words), { code: "ERR_SQLITE_ERROR", errcode, errstr: words });
}

/** Does `work`, which commits something, unless the recorder has it fail. */
function commit<T>(db: DatabaseSync, path: string, work: () => T): T {
  let state: Files = new Map();
  const fault = recorder.meet({ kind: "commit", path, redo: () => putBack(path, state) });
  if (fault !== undefined) {
    if (db.isTransaction) real.exec.call(db, "ROLLBACK");
    throw refusal(fault);
  }
  const result = work();
  state = filesOf(path);
  return result;
}

function watchedPath(db: DatabaseSync): string | undefined {
  const path = db.location() ?? undefined;
  return recorder.isWatched(path) ? path : undefined;
}

/** Whether a statement outside of a transaction commits. */
function writes(sql: string): boolean {
  return /^\s*(INSERT|UPDATE|DELETE|CREATE|VACUUM|DROP)/i.test(sql);
}

prototype.exec = function (sql: string): void {
  const path = watchedPath(this);
  const isCommit = /^\s*COMMIT/i.test(sql) || !this.isTransaction && writes(sql);
  if (path === undefined || !isCommit) return real.exec.call(this, sql);
  commit(this, path, () => real.exec.call(this, sql));
};

prototype.prepare = function (sql: string) {
  const statement = real.prepare.call(this, sql);
  if (!writes(sql) || watchedPath(this) === undefined) return statement;
  const run = statement.run.bind(statement);
  statement.run = (...values: never[]) => {
    const path = watchedPath(this);
    if (this.isTransaction || path === undefined) return run(...values);
    return commit(this, path, () => run(...values));
  };
  return statement;
};

// All is moved into the one file then; it cannot fail in a way that anybody would notice.
prototype.close = function (): void {
  const path = watchedPath(this);
  real.close.call(this);
  if (path === undefined) return;
  const state = filesOf(path);
  recorder.calls.push({ kind: "commit", path, isCheckpoint: true, redo: () => putBack(path, state) });
};
