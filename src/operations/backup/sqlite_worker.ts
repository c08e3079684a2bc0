import { isWorker, Peer, type Port } from "../../threads/rpc.ts";
import { copySqlite } from "../../index/sqlite_copy.ts";

/** A thread that copies databases, behind `port`. */
export function serve(port: Port): void {
  new Peer(port, {
    copy: ({ database, copy }: { database: string; copy: string }) => copySqlite(database, copy),
  });
}

if (isWorker()) serve(self as unknown as Port);
