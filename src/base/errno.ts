/** Linux's numbers, names and words for what a system call may end with, whatever is behind the file system. */
const ERRNOS: Readonly<Record<number, readonly [name: string, words: string]>> = {
  1: ["EPERM", "operation not permitted"],
  2: ["ENOENT", "no such file or directory"],
  3: ["ESRCH", "no such process"],
  4: ["EINTR", "interrupted system call"],
  5: ["EIO", "input/output error"],
  6: ["ENXIO", "no such device or address"],
  7: ["E2BIG", "argument list too long"],
  8: ["ENOEXEC", "not an executable"],
  9: ["EBADF", "bad file descriptor"],
  10: ["ECHILD", "no child process"],
  11: ["EAGAIN", "resource temporarily unavailable"],
  12: ["ENOMEM", "out of memory"],
  13: ["EACCES", "permission denied"],
  14: ["EFAULT", "bad address"],
  15: ["ENOTBLK", "not a block device"],
  16: ["EBUSY", "device or resource busy"],
  17: ["EEXIST", "file exists"],
  18: ["EXDEV", "other file system"],
  19: ["ENODEV", "no such device"],
  20: ["ENOTDIR", "not a directory"],
  21: ["EISDIR", "is a directory"],
  22: ["EINVAL", "invalid argument"],
  23: ["ENFILE", "too many open files in the system"],
  24: ["EMFILE", "too many open files"],
  25: ["ENOTTY", "not supported by the device"],
  26: ["ETXTBSY", "text file busy"],
  27: ["EFBIG", "file too large"],
  28: ["ENOSPC", "no space left on device"],
  29: ["ESPIPE", "illegal seek"],
  30: ["EROFS", "read-only file system"],
  31: ["EMLINK", "too many links"],
  32: ["EPIPE", "broken pipe"],
  33: ["EDOM", "argument out of domain"],
  34: ["ERANGE", "result too large"],
  35: ["EDEADLK", "deadlock avoided"],
  36: ["ENAMETOOLONG", "file name too long"],
  37: ["ENOLCK", "no locks available"],
  38: ["ENOSYS", "function not implemented"],
  39: ["ENOTEMPTY", "directory not empty"],
  40: ["ELOOP", "too many levels of symbolic links"],
  61: ["ENODATA", "no data available"],
  62: ["ETIME", "timer expired"],
  67: ["ENOLINK", "link has been severed"],
  70: ["ECOMM", "communication error on send"],
  71: ["EPROTO", "protocol error"],
  74: ["EBADMSG", "not a data message"],
  75: ["EOVERFLOW", "value too large"],
  84: ["EILSEQ", "invalid or incomplete character"],
  87: ["EUSERS", "too many users"],
  88: ["ENOTSOCK", "not a socket"],
  90: ["EMSGSIZE", "message too long"],
  92: ["ENOPROTOOPT", "protocol not available"],
  93: ["EPROTONOSUPPORT", "protocol not supported"],
  95: ["EOPNOTSUPP", "operation not supported"],
  97: ["EAFNOSUPPORT", "address family not supported"],
  98: ["EADDRINUSE", "address in use"],
  99: ["EADDRNOTAVAIL", "address not available"],
  100: ["ENETDOWN", "network is down"],
  101: ["ENETUNREACH", "network is unreachable"],
  102: ["ENETRESET", "connection reset by the network"],
  103: ["ECONNABORTED", "connection aborted"],
  104: ["ECONNRESET", "connection reset by peer"],
  105: ["ENOBUFS", "no buffer space available"],
  106: ["EISCONN", "already connected"],
  107: ["ENOTCONN", "transport endpoint is not connected"],
  108: ["ESHUTDOWN", "transport endpoint was shut down"],
  110: ["ETIMEDOUT", "connection timed out"],
  111: ["ECONNREFUSED", "connection refused"],
  112: ["EHOSTDOWN", "host is down"],
  113: ["EHOSTUNREACH", "no route to host"],
  114: ["EALREADY", "already in progress"],
  115: ["EINPROGRESS", "in progress"],
  116: ["ESTALE", "stale file handle"],
  117: ["EUCLEAN", "file system structure needs cleaning"],
  121: ["EREMOTEIO", "remote input/output error"],
  122: ["EDQUOT", "disk quota exceeded"],
  123: ["ENOMEDIUM", "no medium found"],
  124: ["EMEDIUMTYPE", "wrong medium type"],
  125: ["ECANCELED", "operation canceled"],
  126: ["ENOKEY", "required key not available"],
  127: ["EKEYEXPIRED", "key has expired"],
  128: ["EKEYREVOKED", "key was revoked"],
  129: ["EKEYREJECTED", "key was rejected"],
  130: ["EOWNERDEAD", "owner died"],
  131: ["ENOTRECOVERABLE", "state not recoverable"],
  132: ["ERFKILL", "switched off by hardware"],
  133: ["EHWPOISON", "memory page has a hardware error"],
};

const NUMBERS = new Map(Object.entries(ERRNOS).map(([number, [name]]) => [name, Number(number)]));

/** Linux's number for a name as `ENOENT`; that of EIO for one that Linux has not. */
export function errnoNumber(name: string): number {
  return NUMBERS.get(name) ?? 5;
}

export function errnoMessage(number: number): string {
  return ERRNOS[number]?.[1] ?? `error ${number}`;
}

/**
 * The system's name for what went wrong, where `error` is an answer of the system: `ENOSPC`, or `E999` for one without a name. The runtime
 * gives some as `code`, others in the message alone.
 */
export function errnoName(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { readonly code?: unknown };
  if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return code;
  const number = typeof code === "number" && error.name === "SystemError"
    ? code
    : /\(os error (\d+)\)/.exec(error.message)?.[1];
  return number === undefined ? undefined : ERRNOS[Number(number)]?.[0] ?? `E${number}`;
}
