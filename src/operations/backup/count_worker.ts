import { isWorker, Peer, type Port } from "../../threads/rpc.ts";
import { countAhead, type CountOptions } from "./count_ahead.ts";

/** A thread that counts what there is to back up, behind `port`. */
export function serve(port: Port): void {
  new Peer(port, { count: (options: CountOptions) => countAhead(options) });
}

if (isWorker()) serve(self as unknown as Port);
