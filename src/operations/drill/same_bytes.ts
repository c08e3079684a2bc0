import { equalBytes } from "../../base/bytes.ts";
import type { Entry } from "../../model/entry.ts";
import type { Path } from "../../model/path.ts";
import { cString } from "../../platform/libc.ts";
import { openFile } from "../../platform/no_links.ts";
import { closeFile, readAt } from "../../platform/read.ts";
import { Stat } from "../../platform/stat.ts";

const PIECE_BYTES = 1024 * 1024;

/**
 * Whether the file of this machine that `entry` is a backup of has the bytes of `restored`; `undefined` where it has changed since, as its
 * size or time says. Throws `SystemError` where one of them cannot be read.
 */
export function isSameAsLive(entry: Entry, restored: Path): boolean | undefined {
  const live = openFile(cString(entry.path));
  try {
    const stat = new Stat();
    const isUnchanged = () => stat.of(live) && stat.size === entry.size && stat.mtime === entry.mtime;
    if (!isUnchanged()) return undefined;
    const copy = openFile(cString(restored));
    try {
      const isSame = haveSameBytes(live, copy, entry.size ?? 0);
      return isUnchanged() ? isSame : undefined;
    } finally {
      closeFile(copy);
    }
  } finally {
    closeFile(live);
  }
}

function haveSameBytes(one: number, other: number, size: number): boolean {
  const [a, b] = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)];
  for (let at = 0; at < size; at += PIECE_BYTES) {
    const [read, readOther] = [readAt(one, a, at), readAt(other, b, at)];
    if (read !== readOther || !equalBytes(a.subarray(0, read), b.subarray(0, read))) return false;
  }
  return true;
}
