import { UsageError } from "../base/errors.ts";
import { normalizePath, type Path, typedPath } from "../model/path.ts";
import { parseSnapshotWord } from "../model/snapshot_word.ts";

/** A snapshot, and a path in it. */
export interface SnapshotPath {
  readonly word: string;
  readonly path: Path;
}

/** Reads `ID` or `ID:PATH`. Throws `UsageError`. */
export function parseSnapshotPath(text: string, now: Date): SnapshotPath {
  const colon = text.indexOf(":/");
  if (colon >= 0) return { word: text.slice(0, colon), path: absolutePath(text.slice(colon + 1)) };
  const word = text.replace(/:$/, "");
  if (!word.includes(":") || parseSnapshotWord(word, now) !== undefined) return { word, path: "/" };
  throw new UsageError(
    `Cannot read ${JSON.stringify(text)}: paths of a snapshot are absolute, as in latest:/etc/hosts`,
  );
}

/** A path within snapshots as it was typed. Throws `UsageError`. */
export function absolutePath(text: string): Path {
  if (text.startsWith("/")) return normalizePath(typedPath(text));
  throw new UsageError(
    `Cannot use ${JSON.stringify(text)}: paths of a snapshot are absolute, as in /etc/hosts`,
  );
}
