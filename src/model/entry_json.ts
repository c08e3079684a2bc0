import { fromLatin1, toBase64 } from "../base/bytes.ts";
import type { Entry } from "./entry.ts";
import { dateOf } from "./entry_text.ts";
import { displayPath, type Path, textOf } from "./path.ts";

/** RFC 3339 with nanoseconds; as it is where no such date exists. */
export function timeJson(mtime: string): string {
  const time = dateOf(mtime);
  const nanoseconds = ((BigInt(mtime) % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return time === undefined
    ? mtime
    : `${time.toISOString().slice(0, 19)}.${String(nanoseconds).padStart(9, "0")}Z`;
}

/** The member `path` for JSON, or `pathBase64` where the bytes are not UTF-8. */
export function pathJson(path: Path, member = "path"): object {
  const text = textOf(path);
  if (text !== undefined) return { [member]: text };
  return { [member]: displayPath(path), [`${member}Base64`]: toBase64(fromLatin1(path)) };
}

/** An entry for programs: what a file system says of it. */
export function entryJson(entry: Entry): object {
  const { path, kind, mode, uid, gid, user, group, mtime, size, hardlink, target, device, xattrs, holes } =
    entry;
  return {
    ...pathJson(path),
    kind,
    mode: mode.toString(8).padStart(4, "0"),
    uid,
    gid,
    user,
    group,
    modified: timeJson(mtime),
    size,
    ...target === undefined ? {} : pathJson(target, "target"),
    ...hardlink === undefined ? {} : pathJson(hardlink, "hardlink"),
    device,
    xattrs: xattrs?.map(([name]) => displayPath(name)),
    holeBytes: holes?.reduce((sum, [, length]) => sum + length, 0),
  };
}
