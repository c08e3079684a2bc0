import { isWorker, Peer, type Port } from "../../threads/rpc.ts";
import { FileReader } from "./file_reader.ts";
import type { ReaderApi, ReaderNeeds } from "./messages.ts";

/** A thread that reads files, behind `port`. */
export function serve(port: Port): void {
  let reader: FileReader;
  const peer: Peer<ReaderNeeds, ReaderApi> = new Peer(port, {
    start: (options) => void (reader = new FileReader(options, peer.remote)),
    read: (batch) => reader.read(batch),
    flush: () => reader.flush(),
  });
}

if (isWorker()) serve(self as unknown as Port);
