import { isWorker, Moved, Peer, type Port } from "../../threads/rpc.ts";
import type { BlobWant, WriterApi, WriterNeeds } from "./messages.ts";
import { Writer } from "./writer.ts";

/** What need not be copied from thread to thread. */
function buffersOf({ rows, page }: BlobWant): ArrayBuffer[] {
  return [rows?.numbers.buffer, page?.buffer].filter((buffer) => buffer !== undefined);
}

/** A thread that writes what is restored, behind `port`. */
export function serve(port: Port): void {
  let writer: Writer;
  const peer: Peer<WriterNeeds, WriterApi> = new Peer(port, {
    start: (options) => {
      writer = new Writer(options, peer.remote);
    },
    page: (request) => {
      const outcome = writer.pages.write(request);
      return new Moved(outcome, outcome.wants.flatMap(buffersOf));
    },
    differing: (patch) => writer.differing(patch),
    contents: (request) => writer.contents.write(request),
    finish: (page) => writer.finishFiles(page),
    discard: (path) => writer.discard(path),
    links: (page) => writer.link(page),
    directories: (page) => writer.finishDirectories(page),
  });
}

if (isWorker()) serve(self as unknown as Port);
