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

/** It was sealed for another key than those that were given. */
export class OtherKeyError extends UsageError {
  override readonly name = "OtherKeyError";

  static of(snapshot: string, cause: Error): OtherKeyError {
    const text = `Cannot open snapshot ${snapshot}: it was made for another key than the identity given; ` +
      "give the key of its time, too, with another --identity";
    return new OtherKeyError(text, { cause });
  }
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
