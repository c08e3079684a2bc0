import {
  BusyError,
  CorruptionError,
  EnvironmentError,
  NotFoundError,
  RefusedError,
  UnavailableError,
  UsageError,
} from "../base/errors.ts";

/** What was called, for the message. */
export interface RcloneCall {
  /** `write`, `read` … */
  readonly action: string;
  readonly thing: string;
}

/** Of rclone's configuration: it will not pass by itself. */
const MISCONFIGURED =
  /didn't find section in config file|didn't find backend called|unknown backend|failed to create file system|failed to make Fs|couldn't connect SSH: .*(unable to authenticate|knownhosts)|empty token found|invalid_grant/i;
const REFUSED =
  /permission ?denied|access ?denied|forbidden|unauthorized|not authorized|InvalidAccessKeyId|SignatureDoesNotMatch|\b40[13]\b|read-only file system/i;
const FULL = /no space left|quota|insufficient ?storage|\b507\b|disk full/i;
/** A network that is down can be behind any of the above. */
const UNREACHED = /dial tcp|connection (refused|reset)|no such host|i\/o timeout|TLS handshake|EOF\b/i;

/** The store is asked too much. */
const BUSY = /slow ?down|too ?many ?requests|rate ?limit|throttl|\b429\b|\b503\b/i;

/** What rclone answered, as our callers know errors. It tells its errors in words only. */
export function fromRcloneError(status: number, said: string, { action, thing }: RcloneCall): Error {
  const message = (state: string) => `Cannot ${action} "${thing}": ${state}`;
  if (UNREACHED.test(said)) return new UnavailableError(message(said));
  if (/(object|directory) not found|not a directory/.test(said)) {
    return new NotFoundError(message("not there"));
  }
  if (status === 416) return new CorruptionError(message("it ends before the range does"));
  if (/didn't find section/.test(said)) {
    return new UsageError(message("rclone has no remote of that name (rclone listremotes shows them)"));
  }
  if (MISCONFIGURED.test(said)) return new UsageError(message(said));
  if (FULL.test(said)) return new EnvironmentError(message(said));
  if (REFUSED.test(said)) return new RefusedError(message(said));
  return new (BUSY.test(said) ? BusyError : UnavailableError)(message(said));
}
