import { errnoName } from "../base/errno.ts";
import { EnvironmentError, ExistsError, NotFoundError, UnavailableError } from "../base/errors.ts";

/** Only these say that a file is not there; anything else says that we could not look. */
export function isAbsence(error: unknown): boolean {
  return error instanceof NotFoundError || ["ENOENT", "ENOTDIR"].includes(errnoName(error) ?? "");
}

const STATES: Record<string, string> = {
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EMFILE: "too many open files",
  ENFILE: "too many open files",
  EFBIG: "too large for the file system",
  ENAMETOOLONG: "the name is too long for the file system",
  ENOENT: "no such directory (was a disk unmounted?)",
  ENOTDIR: "part of its path is a file",
  EISDIR: "it is a directory",
  ENOTEMPTY: "it is a directory",
  EIO: "the disk reports an error",
  EMLINK: "the directory has as many links as the file system allows",
  ESTALE: "the server has forgotten it (was the share mounted again?)",
};
/** These pass by themselves. */
const PASSING = ["EINTR", "EAGAIN", "ETIMEDOUT"];

/** `error` as our callers know errors; what the system did not say is a bug and stays as it is. */
export function toStoreError(error: unknown, action: string, path: string): unknown {
  const code = errnoName(error);
  if (code === undefined) return error;
  if (code === "EEXIST") return new ExistsError(`Cannot ${action} "${path}": it exists`, { cause: error });
  const state = STATES[code] ?? (error as Error).message;
  if (PASSING.includes(code)) {
    return new UnavailableError(`Cannot ${action} "${path}": ${state}`, { cause: error });
  }
  return new EnvironmentError(`Cannot ${action} "${path}": ${state}`, { cause: error });
}
