import { errnoName } from "../base/errno.ts";
import { CorruptionError, EnvironmentError, InterruptedError, UnavailableError } from "../base/errors.ts";
import { isExpected } from "../base/exit_codes.ts";
import { maskIdentities } from "../seal/mask_identities.ts";
import { printable } from "../report/printable.ts";
import { VERSION } from "./version.ts";

/**
 * `error` for the user: one line; the causes where they add something, all of them when `verbose`; a stack only for bugs.
 * Ends with a line break.
 */
export function errorText(error: unknown, options: { readonly verbose: boolean }): string {
  if (isExpected(error)) {
    const parts = [messageOf(error), ...causesOf(error, options.verbose)];
    return `vaultik: ${printable(maskIdentities(parts.join(": ")))}\n`;
  }
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  const lines = [stack, ...causesOf(error, true).map((cause) => `  cause: ${cause}`)].join("\n").split("\n");
  return `vaultik: this is a bug in Vaultik ${VERSION}; please report it with the following lines\n` +
    lines.map((line) => `  ${printable(maskIdentities(line))}\n`).join("");
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isOfSystem(error) ? `Cannot go on: ${error.message}` : error.message;
}

/** A refusal of the operating system that no operation has put into words. */
function isOfSystem(error: Error): boolean {
  return errnoName(error) !== undefined && !error.message.startsWith("Cannot ");
}

function causesOf(error: unknown, all: boolean): string[] {
  const causes: string[] = [];
  const speaks = error instanceof EnvironmentError || error instanceof UnavailableError ||
    error instanceof CorruptionError;
  let cause = error instanceof Error && (all || speaks) ? error.cause : undefined;
  let said = error instanceof Error ? error.message : "";
  while (cause instanceof Error && causes.length < 5) {
    const message = cause.message.trim();
    if (message !== "" && !said.includes(message) && (all || !isSaid(cause, said))) {
      causes.push(message);
      said += message;
    }
    cause = cause.cause;
  }
  return causes;
}

/** Whether `said` has already put into words what the system said: `Cannot write "x": no space left on the device`. */
function isSaid(cause: Error, said: string): boolean {
  return errnoName(cause) !== undefined && /": .+$/.test(said);
}

/** What `error` means when the run was asked to stop: whatever else fails then, fails for that. An operation may say what it leaves. */
export function afterAbort(error: unknown, signal: AbortSignal): unknown {
  const isOwn = error instanceof CorruptionError ||
    error instanceof InterruptedError && signal.reason instanceof InterruptedError;
  return signal.aborted && !isOwn ? signal.reason : error;
}

/** From harmless to grave, for runs that have several outcomes. */
const GRAVITY = [0, 3, 6, 4, 2, 5, 1, 130];

export function worseExit(a: number, b: number): number {
  return GRAVITY.indexOf(a) >= GRAVITY.indexOf(b) ? a : b;
}
