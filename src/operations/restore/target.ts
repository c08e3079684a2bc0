import { atLeast } from "../../base/at_least.ts";
import { EnvironmentError, UsageError } from "../../base/errors.ts";
import { parentOf, type Path, typedPath } from "../../model/path.ts";
import {
  createFileIn,
  makeDirectoryIn,
  openFileIn,
  openRoot,
  openSubdirectoryForReading,
  removeFileIn,
  setTimeIn,
} from "../../platform/beneath.ts";
import { bootId } from "../../platform/boot.ts";
import { AT_FDCWD, c, cString, EEXIST, ELOOP, ENOENT, ENOTDIR } from "../../platform/libc.ts";
import { leadNowhere } from "../../platform/nowhere.ts";
import { closeFile, readAt, readNames, SystemError } from "../../platform/read.ts";
import { S_IFLNK, Stat } from "../../platform/stat.ts";
import { syncFile, writeAt } from "../../platform/write.ts";
import type { RestoreOptions } from "./options.ts";
import type { Overwrite } from "./overwrite.ts";

/** What a new file system has of its own. */
const OF_FILE_SYSTEM = "lost+found";

/** Says in the target which restore has begun and not ended there. */
const MARKER = ".vaultik-restore";
const NEW_DIRECTORY = 0o777;
const MARKER_BYTES_MAX = 1024 * 1024;

/** The directory of a restore. It is looked up once: whoever swaps it for a link later leads nothing elsewhere. */
export class Target implements Disposable {
  /** As it was given. */
  readonly path: string;
  /** Of all threads. */
  readonly fd: number;
  /** What may be replaced in it; `undefined` where it is empty. */
  readonly overwrite: Overwrite | undefined;
  /** The same when something was restored into it. */
  readonly overwriteMore: Overwrite;
  /** Whether an earlier run of the same restore has left something. */
  readonly isResumed: boolean;
  #isMarked: boolean;
  #hasEnded = false;

  constructor(
    path: string,
    fd: number,
    { overwrite, overwriteMore, isResumed, isMarked }: Pick<
      Target,
      "overwrite" | "overwriteMore" | "isResumed" | "isMarked"
    >,
  ) {
    this.path = path;
    this.fd = fd;
    this.overwrite = overwrite;
    this.overwriteMore = overwriteMore;
    this.isResumed = isResumed;
    this.#isMarked = isMarked;
  }

  /** Whether it says that a restore has not ended. */
  get isMarked(): boolean {
    return this.#isMarked;
  }

  /** The restore has ended. */
  finish(): void {
    this.#hasEnded = true;
    if (!this.#isMarked) return;
    this.#isMarked = false;
    const stat = new Stat();
    const mtime = stat.of(this.fd) ? stat.mtime : undefined;
    try {
      removeFileIn(this.fd, MARKER);
      if (mtime !== undefined) setTimeIn(this.fd, ".", mtime);
    } catch (cause) {
      const what = `everything is restored, but "${this.path}/${MARKER}" cannot be removed`;
      throw new EnvironmentError(`Cannot end the restore into "${this.path}": ${what}`, { cause });
    }
  }

  /** Where the restore has not ended, threads that were stopped may still write in the directory for a moment. */
  [Symbol.dispose](): void {
    if (this.#hasEnded) closeFile(this.fd);
    else leadNowhere(this.fd);
  }
}

/**
 * The directory to restore into, which is that of all `parts`, made where it is missing. Throws `UsageError` where it is not empty and nothing says that this may
 * be, `EnvironmentError`.
 */
export function prepareTarget(parts: readonly RestoreOptions[]): Target {
  const [{ target: path, overwrite, dryRun }] = atLeast(1, parts);
  const overwriteMore = overwrite ?? "if-changed";
  const fd = openTarget(path, dryRun === true);
  try {
    const names = namesIn(fd);
    const marker = parts.map(markerText).join(" ");
    const [begun, boot] = names.includes(MARKER) ? readMarker(fd).split("\n") : [];
    const isResumed = begun === marker;
    if (isResumed) {
      const overwrite = afterBoot(boot, overwriteMore);
      return new Target(path, fd, { overwrite, overwriteMore: overwrite, isResumed, isMarked: !dryRun });
    }
    const isEmpty = names.every(isOwnName);
    if (!isEmpty && overwrite === undefined) throw notEmpty(path, names.includes(MARKER));
    const isMarked = isEmpty && !dryRun;
    if (isMarked) writeMarker(fd, marker, names.includes(MARKER));
    return new Target(path, fd, {
      overwrite: isEmpty && !dryRun ? undefined : overwriteMore,
      overwriteMore,
      isResumed,
      isMarked,
    });
  } catch (error) {
    closeFile(fd);
    throw error instanceof UsageError ? error : unusable(path, error);
  }
}

function notEmpty(path: string, isMarked: boolean): UsageError {
  const state = isMarked ? "another restore has begun there and not ended" : "it is not empty";
  return new UsageError(`Cannot restore into "${path}": ${state}; --overwrite says what may be replaced`);
}

function markerText({ snapshotId, paths, include, exclude, as }: RestoreOptions): string {
  return JSON.stringify({ snapshot: snapshotId, paths, include, exclude, as });
}

/** After a loss of power a file may have its size and time, and nothing in it: then only the contents tell. */
function afterBoot(boot: string | undefined, overwrite: Overwrite): Overwrite {
  return overwrite === "if-changed" && boot !== (bootId() ?? "") ? "always" : overwrite;
}

/** It is on the disk before anything of the restore: one that is alone there, whole or not, says nothing. */
function writeMarker(directory: number, text: string, isThere: boolean): void {
  if (isThere) removeFileIn(directory, MARKER);
  const file = createFileIn(directory, MARKER);
  const names = openSubdirectoryForReading(directory, ".");
  try {
    writeAt(file, new TextEncoder().encode(`${text}\n${bootId() ?? ""}\n`), 0);
    syncFile(file);
    syncFile(names);
  } finally {
    closeFile(file);
    closeFile(names);
  }
}

function readMarker(directory: number): string {
  const file = openFileIn(directory, MARKER);
  const bytes = new Uint8Array(MARKER_BYTES_MAX);
  try {
    return new TextDecoder().decode(bytes.subarray(0, readAt(file, bytes, 0)));
  } finally {
    closeFile(file);
  }
}

function namesIn(directory: number): string[] {
  const reading = openSubdirectoryForReading(directory, ".");
  try {
    return readNames(reading);
  } finally {
    closeFile(reading);
  }
}

/** Whether a name in the target is not of what is restored there. */
export function isOwnName(name: string): boolean {
  return name === MARKER || name === OF_FILE_SYSTEM;
}

/** An open directory; made where it is missing, unless in a dry run. Throws `UsageError`, `EnvironmentError`. */
export function openTarget(given: string, dryRun: boolean): number {
  const path = typedPath(given);
  try {
    if (!dryRun) makeDirectories(path);
    return openRoot(path, isOwnLink(path));
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.code !== ENOTDIR && error.code !== ELOOP) throw unusable(given, error);
    throw new UsageError(`Cannot restore into "${given}": it is not a directory, or a link of another user`);
  }
}

/** Makes the directory and those above it, where they are missing. Throws `SystemError`. */
function makeDirectories(path: Path): void {
  try {
    makeDirectoryIn(AT_FDCWD, path, NEW_DIRECTORY);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.code === EEXIST) return;
    if (error.code !== ENOENT || path === "/") throw error;
    makeDirectories(parentOf(path));
    makeDirectoryIn(AT_FDCWD, path, NEW_DIRECTORY);
  }
}

/** A link that its owner may change meanwhile is followed only where that is us, or root. */
function isOwnLink(path: Path): boolean {
  const stat = new Stat();
  if (!stat.at(AT_FDCWD, cString(path)) || stat.type !== S_IFLNK) return false;
  return stat.uid === 0 || stat.uid === c.geteuid();
}

function unusable(path: string, error: unknown): EnvironmentError {
  const reason = (error as Error).message;
  return new EnvironmentError(`Cannot restore into "${path}": ${reason}`, { cause: error });
}
