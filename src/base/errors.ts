import { errnoName } from "./errno.ts";

/** The user can correct this: a flag, the configuration, a key, access rights. Shown without a stack. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** The credentials may not do this. It says nothing about what is there; some callers can go on without. */
export class RefusedError extends UsageError {
  override readonly name: string = "RefusedError";
}

/** The store keeps the object from everybody until a lock ends. */
export class LockedError extends RefusedError {
  override readonly name = "LockedError";
}

/** The object is in cold storage and cannot be read until it was asked back. */
export class ArchivedError extends UsageError {
  override readonly name = "ArchivedError";
}

/** What was asked for is not there. */
export class NotFoundError extends Error {
  override readonly name = "NotFoundError";
}

/** Bytes are not what they were promised to be. Never retried, never skipped silently. */
export class CorruptionError extends Error {
  override readonly name = "CorruptionError";
}

/** The other side did not answer this time. Only `retrying()` looks at it. */
export class UnavailableError extends Error {
  override readonly name: string = "UnavailableError";
}

/** The store answers that it is asked too much: fewer requests at a time, and later. */
export class BusyError extends UnavailableError {
  override readonly name = "BusyError";
}

/** This machine cannot do it now: disk full, no permission, index in use. Shown without a stack. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
}

/** The local index is not what was written to it. Whoever meets it sets it aside and begins a new one. */
export class DamagedIndexError extends Error {
  override readonly name = "DamagedIndexError";
}

/** A create-only write found the object there already. */
export class ExistsError extends Error {
  override readonly name = "ExistsError";
}

/** The user or the service manager asked to stop. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  constructor(message = "Interrupted", options?: ErrorOptions) {
    super(message, options);
  }
}

/** Exit code of a complete run in which some files could not be read or restored. */
export const EXIT_INCOMPLETE = 3;

/** Exit code for `error`; what is none of ours is a bug and keeps its stack. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2;
  if (error instanceof NotFoundError) return 4;
  if (error instanceof CorruptionError) return 5;
  if (error instanceof UnavailableError) return 6;
  if (error instanceof InterruptedError) return 130;
  return 1;
}

/** Whether `error` is expected in the field, so that its message is enough and a stack would only frighten. */
export function isExpected(error: unknown): boolean {
  return errnoName(error) !== undefined || error instanceof EnvironmentError ||
    error instanceof ExistsError || exitCodeOf(error) !== 1;
}

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
