import { isWorker, Peer, type Port } from "../../threads/rpc.ts";
import { FileReader } from "./file_reader.ts";
import type { ReadBatch, ReaderOptions } from "./messages.ts";

/** A thread that reads files, behind `port`. */
export function serve(port: Port): void {
  let reader: FileReader | undefined;
  const peer: Peer = new Peer(port, {
    start: (options: ReaderOptions) => {
      reader = new FileReader(options, peer);
    },
    read: (batch: ReadBatch) => reader!.read(batch),
    flush: () => reader!.flush(),
    /** Its buffers are not needed until the next start. */
    rest: () => {
      reader = undefined;
    },
  });
}

if (isWorker()) serve(self as unknown as Port);
