// Whether a backup looks as if its sources were not what they should be. Pure: what was and what is are arguments.
import { formatCount, formatSize } from "../base/units.ts";
import { displayPath, type Path } from "./path.ts";

/** The file system that a path is on, as far as it stays the same when the machine starts again. */
export interface Mount {
  /** Where it is mounted. */
  readonly at: Path;
  /** `f_type` of statfs(2). */
  readonly type: number;
}

/** What a backup found at one of the paths that it was asked for. */
export interface RootState {
  /** As it is configured. */
  readonly path: Path;
  readonly files: number;
  /** Plain bytes of its files. */
  readonly bytes: number;
  /** The path is that of a file, such as a dump; otherwise missing. */
  readonly isFile?: boolean;
  /** Missing where it could not be found out. */
  readonly mount?: Mount;
}

/** The share of files and bytes, 0 to 1, that a path may lose from one backup to the next. */
export interface GuardLimits {
  readonly files: number;
  readonly bytes: number;
}

export interface Suspicion {
  /** For people; the source set's name where it is about all of its paths. */
  readonly path: string;
  readonly reason: string;
}

/** What a run did to the files that were there before. */
export interface Rewriting {
  readonly name: string;
  readonly filesBefore: number;
  readonly filesChanged: number;
  /** Plain bytes that the store did not have, and what they took there. */
  readonly bytesNew: number;
  readonly bytesStored: number;
}

/** A smaller file changes its size for no reason. */
const ONE_FILE_BYTES = 64 * 1024;
/** Below this a large share is lost in everyday work. */
const FILES_THAT_COUNT = 20;
const BYTES_THAT_COUNT = 2 ** 20;
/** Of fewer files a single large one is most of the bytes. */
const FILES_WITH_BYTES = 100;

/** More files than this share changed at once, into what does not compress: that is what encrypting them looks like. */
const REWRITTEN_SHARE = 0.5;
const INCOMPRESSIBLE = 0.97;

/** What is suspicious about `now`, compared with `before`, the last backup that was not. Paths that only one of them has are no matter. */
export function suspicions(
  before: readonly RootState[],
  now: readonly RootState[],
  limits: GuardLimits,
): Suspicion[] {
  const known = new Map(before.map((root) => [root.path, root]));
  return now.flatMap((root) => {
    const old = known.get(root.path);
    const reasons = old === undefined ? [] : reasonsOf(old, root, limits);
    return reasons.length === 0 ? [] : [{ path: displayPath(root.path), reason: reasons.join(", and ") }];
  });
}

function reasonsOf(before: RootState, now: RootState, limits: GuardLimits): string[] {
  const moved = movedTo(before.mount, now.mount);
  const lost = before.files > 0 && now.files === 0
    ? `is empty, it had ${formatCount(before.files)} ${before.files === 1 ? "file" : "files"}`
    : lostShare(before, now, limits);
  return [moved, lost].filter((reason) => reason !== undefined);
}

function movedTo(before: Mount | undefined, now: Mount | undefined): string | undefined {
  if (before === undefined || now === undefined) return undefined;
  if (before.at !== now.at) {
    return `is on the file system at "${displayPath(now.at)}", it was on the one at "${
      displayPath(before.at)
    }"`;
  }
  return before.type === now.type ? undefined : "is on a file system of another type";
}

function lostShare(before: RootState, now: RootState, limits: GuardLimits): string | undefined {
  if (before.isFile && now.isFile && before.bytes >= ONE_FILE_BYTES) {
    return lostBytes(before, now, limits);
  }
  if (before.files < FILES_THAT_COUNT) return undefined;
  if (now.files < before.files * (1 - limits.files)) {
    return `lost ${percent(before.files, now.files)} of its files, ${formatCount(before.files)} before and ${
      formatCount(now.files)
    } now`;
  }
  if (before.files < FILES_WITH_BYTES || before.bytes < BYTES_THAT_COUNT) return undefined;
  return lostBytes(before, now, limits);
}

function lostBytes(before: RootState, now: RootState, limits: GuardLimits): string | undefined {
  if (now.bytes >= before.bytes * (1 - limits.bytes)) return undefined;
  return `lost ${percent(before.bytes, now.bytes)} of its bytes, ${formatSize(before.bytes)} before and ${
    formatSize(now.bytes)
  } now`;
}

function percent(before: number, now: number): string {
  return `${Math.floor((1 - now / before) * 100)}%`;
}

/** Whether most files were replaced by what does not compress. */
export function rewriteSuspicion(
  { name, filesBefore, filesChanged, bytesNew, bytesStored }: Rewriting,
): Suspicion | undefined {
  if (filesBefore < FILES_THAT_COUNT || filesChanged <= filesBefore * REWRITTEN_SHARE) return undefined;
  if (bytesNew < BYTES_THAT_COUNT || bytesStored < bytesNew * INCOMPRESSIBLE) return undefined;
  const reason =
    `had ${formatCount(filesChanged)} of ${
      formatCount(filesBefore)
    } files rewritten with contents that do not ` +
    "compress, as encrypting them does";
  return { path: name, reason };
}
