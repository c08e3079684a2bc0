import { isWorker, type NoCalls, Peer, type Port } from "../../threads/rpc.ts";
import { countAhead, type CountApi } from "./count_ahead.ts";

/** A thread that counts what there is to back up, behind `port`. */
export function serve(port: Port): void {
  new Peer<NoCalls, CountApi>(port, { count: countAhead });
}

if (isWorker()) serve(self as unknown as Port);
