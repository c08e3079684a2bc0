/** Linux's numbers and words, as the runtime gives them. */
export const ERRNOS: Readonly<Record<string, { readonly number: number; readonly words: string }>> = {
  EPERM: { number: 1, words: "Operation not permitted" },
  ENOENT: { number: 2, words: "No such file or directory" },
  EINTR: { number: 4, words: "Interrupted system call" },
  EIO: { number: 5, words: "Input/output error" },
  EACCES: { number: 13, words: "Permission denied" },
  EEXIST: { number: 17, words: "File exists" },
  EMFILE: { number: 24, words: "Too many open files" },
  ENOSPC: { number: 28, words: "No space left on device" },
  EROFS: { number: 30, words: "Read-only file system" },
  EMLINK: { number: 31, words: "Too many links" },
  ENOTSUP: { number: 95, words: "Operation not supported" },
  ESTALE: { number: 116, words: "Stale file handle" },
  // Where calls come in another order, what was meant for a commit meets a file.
  SQLITE_FULL: { number: 28, words: "No space left on device" },
  SQLITE_IOERR: { number: 5, words: "Input/output error" },
  EDQUOT: { number: 122, words: "Disk quota exceeded" },
};
