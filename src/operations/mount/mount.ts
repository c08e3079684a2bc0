import { EnvironmentError } from "../../base/errors.ts";
import { cString, errno } from "../../platform/libc.ts";
import { mountFuse, type MountOptions } from "../../platform/fuse/mount.ts";
import { AT_FDCWD, c, ENOENT, errnoMessage, O_CLOEXEC, O_DIRECTORY, O_RDONLY } from "../../platform/libc.ts";
import { textOf } from "../../model/path.ts";
import { READ_AHEAD_BYTES } from "../../platform/fuse/replies.ts";
import type { Tree } from "../browse/tree.ts";
import { FilesAhead } from "./files_ahead.ts";
import { NoticeThread } from "./notice_thread.ts";
import { MountSession } from "./session.ts";

const ENOTCONN = 107;

export interface ServeMountOptions extends MountOptions {
  /** Absolute path of a directory, as a byte string. */
  readonly path: string;
  /** The mount is taken away when it is aborted. */
  readonly signal: AbortSignal;
  readonly onMounted: () => void;
  /** Called for what could not be read. */
  readonly onLoss: (error: Error) => void;
}

/**
 * Mounts `tree` and serves it until someone unmounts it or the signal is aborted. Throws `EnvironmentError`, `UsageError` where it cannot be
 * mounted.
 */
export async function serveMount(tree: Tree, options: ServeMountOptions): Promise<void> {
  const { path, signal, onMounted, onLoss } = options;
  checkDirectory(path);
  const { device, unmount } = await mountFuse(path, options);
  using _device = device;
  using notices = new NoticeThread(device);
  const ahead = new FilesAhead(tree, notices.send);
  const aborted = Promise.withResolvers<void>();
  const onAbort = () => aborted.resolve(unmount());
  signal.addEventListener("abort", onAbort);
  try {
    if (signal.aborted) onAbort();
    else {
      allowLargeReads(path);
      onMounted();
    }
    const session = new MountSession(device, tree, ahead, onLoss).run();
    await Promise.race([session, aborted.promise]);
    await ahead.end();
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * Lets the kernel ask for as much at a time as it can take, and ahead, where this user may: 128 KiB would cost twice the time. To be called
 * before its first request is answered: from then on it is too late.
 */
function allowLargeReads(path: string): void {
  const device = deviceOf(Deno.readTextFileSync("/proc/self/mountinfo"), path);
  try {
    Deno.writeTextFileSync(`/sys/class/bdi/${device}/read_ahead_kb`, String(READ_AHEAD_BYTES / 1024), {
      create: false,
    });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
  }
}

/** `major:minor` of what is mounted on `path`, by a table as in proc(5); the last mount counts. */
export function deviceOf(mountinfo: string, path: string): string | undefined {
  const escaped = (textOf(path) ?? path).replace(
    /[ \t\n\\]/g,
    (c) => "\\" + c.charCodeAt(0).toString(8).padStart(3, "0"),
  );
  const rows = mountinfo.split("\n").map((line) => line.split(" "));
  return rows.findLast((row) => row[4] === escaped)?.[2];
}

/** Throws `EnvironmentError` unless there is a directory to mount on. */
function checkDirectory(path: string): void {
  const fd = c.openat(AT_FDCWD, cString(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd >= 0) return void c.close(fd);
  const error = errno();
  if (error === ENOTCONN) {
    throw new EnvironmentError(
      `Cannot mount on ${path}: a mount is there whose process has ended; take it away with "umount ${path}" or "fusermount3 -u ${path}"`,
    );
  }
  const advice = error === ENOENT ? "; make the directory first" : "";
  throw new EnvironmentError(`Cannot mount on ${path}: ${errnoMessage(error)}${advice}`);
}
