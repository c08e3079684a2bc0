import { errnoName } from "./errno.ts";
import {
  CorruptionError,
  EnvironmentError,
  ExistsError,
  InterruptedError,
  NotFoundError,
  UnavailableError,
  UsageError,
} from "./errors.ts";

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
