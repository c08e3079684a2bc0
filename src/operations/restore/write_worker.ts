import { isWorker, Moved, Peer, type Port } from "../../threads/rpc.ts";
import type { Path } from "../../model/path.ts";
import type { ContentsRequest, PageRequest, Patch, WriterOptions } from "./messages.ts";
import { Writer } from "./writer.ts";

/** A thread that writes what is restored, behind `port`. */
export function serve(port: Port): void {
  let writer: Writer;
  const peer: Peer = new Peer(port, {
    start: (options: WriterOptions) => {
      writer = new Writer(options, peer);
    },
    page: (request: PageRequest) => {
      const outcome = writer.pages.write(request);
      return new Moved(outcome, [outcome.text.buffer as ArrayBuffer]);
    },
    differing: (patch: Patch) => writer.differing(patch),
    contents: (request: ContentsRequest) => writer.contents.write(request),
    finish: (page: Uint8Array) => writer.finishFiles(page),
    discard: (path: Path) => writer.discard(path),
    links: (page: Uint8Array) => writer.link(page),
    directories: (page: Uint8Array) => writer.finishDirectories(page),
  });
}

if (isWorker()) serve(self as unknown as Port);
