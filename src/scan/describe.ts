import { type Entry, type Kind, MODE_BITS } from "../model/entry.ts";
import { parentOf, type Path } from "../model/path.ts";
import { groupName, userName } from "../platform/owners.ts";
import type { ParentDirectory } from "../platform/no_links.ts";
import { readLinkIn } from "../platform/read.ts";
import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFREG,
  S_IFSOCK,
  type Stat,
} from "../platform/stat.ts";
import { type OnLostXattr, readXattrsIn, type Xattrs } from "../platform/xattrs.ts";

const KINDS: Record<number, Kind> = {
  [S_IFREG]: "file",
  [S_IFDIR]: "directory",
  [S_IFLNK]: "symlink",
  [S_IFIFO]: "fifo",
  [S_IFCHR]: "char_device",
  [S_IFBLK]: "block_device",
};

/** `undefined` for what is not backed up: sockets. */
export function kindOf(stat: Stat): Kind | undefined {
  return stat.type === S_IFSOCK ? undefined : KINDS[stat.type];
}

/** How an entry is looked at. */
export interface Look {
  /** Where it is. */
  readonly at: Path;
  readonly parent: ParentDirectory;
  readonly onLost: OnLostXattr;
}

/**
 * The entry for `path`, which is no regular file. Reads the extended attributes and a link's target; throws `SystemError` where that
 * cannot be read.
 */
export function describe(path: Path, kind: Kind, stat: Stat, { at, parent, onLost }: Look): Entry {
  const entry = attributes(path, kind, stat);
  const xattrs = xattrsOf(at, parent, onLost);
  if (xattrs !== undefined) entry.xattrs = xattrs;
  if (kind === "symlink") entry.target = readLinkIn(parent.open(parentOf(at)), nameOf(at));
  if (kind === "char_device" || kind === "block_device") entry.device = stat.device;
  return entry;
}

/** The entry for a directory that is in no file system. */
export function describeMade(path: Path, stat: Stat): Entry {
  return attributes(path, "directory", stat);
}

/** Extended attributes of the entry at `path`, a link's own. Throws `SystemError` where its directory cannot be opened. */
export function xattrsOf(path: Path, parent: ParentDirectory, onLost: OnLostXattr): Xattrs {
  return readXattrsIn(parent.open(parentOf(path)), nameOf(path), onLost);
}

function nameOf(path: Path): string {
  return path === "/" ? "." : path.slice(path.lastIndexOf("/") + 1);
}

/** The entry for a regular file, without its contents, with these extended attributes. */
export function describeFile(path: Path, stat: Stat, xattrs: Entry["xattrs"]): EntryDraft {
  const entry = attributes(path, "file", stat);
  if (xattrs !== undefined) entry.xattrs = xattrs;
  entry.size = stat.size;
  return entry;
}

/** An entry that is still being put together. */
export type EntryDraft = { -readonly [K in keyof Entry]: Entry[K] };

function attributes(path: Path, kind: Kind, stat: Stat): EntryDraft {
  const entry: EntryDraft = {
    path,
    kind,
    mode: stat.mode & MODE_BITS,
    uid: stat.uid,
    gid: stat.gid,
    mtime: stat.mtime,
  };
  const user = userName(entry.uid);
  const group = groupName(entry.gid);
  if (user !== undefined) entry.user = user;
  if (group !== undefined) entry.group = group;
  return entry;
}
