import { isWorker, type NoCalls, Peer, type Port } from "../../threads/rpc.ts";
import { copySqlite } from "../../index/sqlite_copy.ts";

export interface SqliteApi {
  /** Writes a copy of a database that others may write to. */
  copy(files: { readonly database: string; readonly copy: string }): void;
}

/** A thread that copies databases, behind `port`. */
export function serve(port: Port): void {
  new Peer<NoCalls, SqliteApi>(port, {
    copy: ({ database, copy }) => copySqlite(database, copy),
  });
}

if (isWorker()) serve(self as unknown as Port);
