import { CorruptionError } from "../../base/errors.ts";
import { displayPath, type Path } from "../../model/path.ts";
import { SystemError } from "../../platform/read.ts";
import type { Loss } from "./messages.ts";

/** Another name of a file has nothing to refer to. */
export class FirstNameLostError extends CorruptionError {
  constructor(readonly first: Path) {
    super(`"${displayPath(first)}", which has its contents, was not restored`);
  }
}

/** What came of `work` for one entry; what concerns the whole target is thrown. */
export function attempt(entry: { readonly path: Path }, work: () => unknown): Loss | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof CorruptionError) {
      const first = error instanceof FirstNameLostError ? error.first : undefined;
      return { path: entry.path, reason: error.message, isDamage: true, first };
    }
    if (error instanceof SystemError) return { path: entry.path, reason: error.message, isDamage: false };
    throw error;
  }
}
