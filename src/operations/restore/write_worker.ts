import { collectGarbage } from "../../platform/memory.ts";
import { isWorker, Moved, Peer, type Port } from "../../threads/rpc.ts";
import type { WriterApi, WriterNeeds } from "./messages.ts";
import { buffersOf } from "./file_rows.ts";
import { Writer } from "./writer.ts";

/** A thread that writes what is restored, behind `port`. */
export function serve(port: Port): void {
  let writer: Writer;
  const peer: Peer<WriterNeeds, WriterApi> = new Peer(port, {
    start: (options) => {
      writer = new Writer(options, peer.remote);
    },
    page: (request) => {
      const outcome = writer.pages.write(request);
      const { wants } = outcome;
      const buffers = buffersOf(
        wants.flatMap(({ rows }) => rows ?? []),
        wants.flatMap(({ page }) => page ?? []),
      );
      return new Moved(outcome, buffers);
    },
    differing: (patch) => writer.differing(patch),
    contents: (request) => writer.contents.write(request),
    finish: (page) => writer.finishFiles(page),
    discard: (path) => writer.discard(path),
    links: (page) => writer.link(page),
    rest: collectGarbage,
    directories: (page) => writer.finishDirectories(page),
    end: () => writer.end(),
  });
}

if (isWorker()) serve(self as unknown as Port);
