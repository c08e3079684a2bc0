import { isWorker, Peer, type Port } from "../../base/rpc.ts";
import { FileReader } from "./file_reader.ts";
import type { ReadBatch, ReaderOptions } from "./messages.ts";

if (isWorker()) {
  let reader: FileReader | undefined;
  const peer: Peer = new Peer(self as unknown as Port, {
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
