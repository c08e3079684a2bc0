import { makeZip } from "client-zip";
import { fromLatin1 } from "../../../base/bytes.ts";
import { dateOf } from "../../../model/entry_text.ts";
import type { FileContents } from "../file_contents.ts";
import type { Member } from "./members.ts";

/** Read at a time. */
const READ_BYTES = 1024 * 1024;
const S_IFLNK = 0o120000;

/**
 * A zip archive with `members`, uncompressed, with modes; links to files are those files, symlinks are such, and what zip cannot hold
 * (devices, FIFOs) is left out and given to `onLeftOut`. Throws where contents cannot be read.
 */
export function zip(
  members: AsyncIterable<Member>,
  onLeftOut: (member: Member) => void,
): ReadableStream<Uint8Array> {
  return makeZip(inputs(members, onLeftOut), { buffersAreUTF8: undefined });
}

async function* inputs(members: AsyncIterable<Member>, onLeftOut: (member: Member) => void) {
  for await (const member of members) {
    const { entry, contents, name } = member;
    const lastModified = dateOf(entry.mtime) ?? new Date(0);
    const shared = { lastModified, mode: entry.mode };
    if (entry.kind === "directory") yield { name: fromLatin1(`${name}/`), ...shared };
    else if (entry.kind === "symlink") {
      const mode = S_IFLNK | entry.mode;
      yield { name: fromLatin1(name), input: fromLatin1(entry.target ?? ""), lastModified, mode };
    } else if (contents !== undefined) {
      yield { name: fromLatin1(name), input: bytesOf(contents), size: contents.size, ...shared };
    } else onLeftOut(member);
  }
}

async function* bytesOf(contents: FileContents): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < contents.size; at += READ_BYTES) {
    yield* await contents.read(at, READ_BYTES);
  }
}
