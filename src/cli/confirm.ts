import { UsageError } from "../base/errors.ts";
import { interruptible } from "../base/interruptible.ts";
import type { Io } from "./io.ts";
import type { OutputOptions } from "./output.ts";

export interface ConfirmOptions extends OutputOptions {
  readonly force?: boolean;
}

/**
 * Whether the user agrees to `action`, which has been shown: at once with `--force`, else by an answer on the terminal. Throws
 * `UsageError` where no one can be asked.
 */
export async function isConfirmed(action: string, options: ConfirmOptions, io: Io): Promise<boolean> {
  if (options.force) return true;
  const canAsk = io.ask !== undefined && !options.json && !options.quiet;
  if (!canAsk) {
    throw new UsageError(`Cannot ${action}: there is no terminal to ask at; --force does it unasked`);
  }
  const answer = await interruptible(
    io.signal,
    io.ask!(`${action[0]!.toUpperCase()}${action.slice(1)}? [y/N] `),
  );
  return /^y(es)?$/i.test(answer.trim());
}
