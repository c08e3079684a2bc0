import { CorruptionError } from "../../base/errors.ts";
import type { Path } from "../../model/path.ts";
import { SystemError } from "../../platform/read.ts";
import type { Loss } from "./messages.ts";

/** What came of `work` for one entry; what concerns the whole target is thrown. */
export function attempt(path: Path, work: () => void): Loss | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof CorruptionError) return { path, reason: error.message, isDamage: true };
    if (error instanceof SystemError) return { path, reason: error.message, isDamage: false };
    throw error;
  }
}
