import { makeZip } from "client-zip";
import { fromLatin1 } from "../../../base/bytes.ts";
import type { Entry } from "../../../model/entry.ts";
import type { FileContents } from "../file_contents.ts";
import type { Member } from "./members.ts";

/** Read at a time. */
const READ_BYTES = 1024 * 1024;
/** In local time, as zip has it. */
const FIRST = new Date(1980, 0, 1);
const LAST = new Date(2107, 11, 31, 23, 59, 58);
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
    const lastModified = timeOf(entry);
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

/** As near as zip can tell it: an archive's years begin and end in 1980 and 2107. */
function timeOf({ mtime }: Entry): Date {
  const ms = Number(BigInt(mtime) / 1_000_000n);
  return new Date(Math.min(Math.max(ms, FIRST.getTime()), LAST.getTime()));
}

async function* bytesOf(contents: FileContents): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < contents.size; at += READ_BYTES) {
    yield* await contents.read(at, READ_BYTES);
  }
}
