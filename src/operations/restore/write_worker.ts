import { isWorker, Peer, type Port } from "../../base/rpc.ts";
import type { Entry } from "../../model/entry.ts";
import type { Path } from "../../model/path.ts";
import { EntryWriter } from "./entry_writer.ts";
import type { PagesRequest, PartsRequest, WriterOptions } from "./messages.ts";

if (isWorker()) {
  let writer: EntryWriter;
  const peer: Peer = new Peer(self as unknown as Port, {
    start: (options: WriterOptions) => {
      writer = new EntryWriter(options, peer);
    },
    pages: ({ pages }: PagesRequest) => writer.writePages(pages),
    entries: (entries: readonly Entry[]) => writer.writeEntries(entries),
    parts: ({ entry, parts }: PartsRequest) => writer.writeParts(entry, parts),
    finish: (entry: Entry) => writer.finishLarge(entry),
    discard: (path: Path) => writer.discard(path),
    links: (links: readonly Entry[]) => writer.link(links),
    directories: (directories: readonly Entry[]) => writer.finishDirectories(directories),
  });
}
