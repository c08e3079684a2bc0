import { errnoName } from "./errno.ts";
import {
  ArchivedError,
  BusyError,
  CorruptionError,
  DamagedIndexError,
  EnvironmentError,
  ExistsError,
  InterruptedError,
  LockedError,
  NotFoundError,
  RefusedError,
  UnavailableError,
  UsageError,
} from "./errors.ts";

const CLASSES = {
  UsageError,
  RefusedError,
  LockedError,
  ArchivedError,
  NotFoundError,
  CorruptionError,
  UnavailableError,
  BusyError,
  EnvironmentError,
  DamagedIndexError,
  ExistsError,
  InterruptedError,
};

/** An error as it crosses from a worker to the main thread, which can carry plain values only. */
export interface ErrorText {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** What the system says that went wrong: `ENOSPC`. */
  readonly code?: string;
  readonly cause?: ErrorText;
}

/** What another thread needs to make the error again. */
export function toErrorText(error: unknown): ErrorText {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const cause = error.cause === undefined ? undefined : toErrorText(error.cause);
  return { name: error.name, message: error.message, stack: error.stack, code: errnoName(error), cause };
}

/** The inverse of {@link toErrorText}: our classes come back as themselves. */
export function fromErrorText(text: ErrorText): Error {
  const cause = text.cause === undefined ? undefined : fromErrorText(text.cause);
  const Class = CLASSES[text.name as keyof typeof CLASSES] ?? Error;
  const error = new Class(text.message, { cause });
  if (!(text.name in CLASSES) && text.stack !== undefined) error.stack = text.stack;
  if (text.code !== undefined) Object.assign(error, { code: text.code });
  return error;
}
