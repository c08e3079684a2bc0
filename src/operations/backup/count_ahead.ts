import { rulesOf, type SelectionRules } from "../../model/selection.ts";
import type { PathAlias } from "../../model/path_alias.ts";
import type { Progress } from "../../report/events.ts";
import { estimate } from "../../scan/estimate.ts";
import { compileExcludes } from "../../scan/exclude.ts";
import { FoundRoots } from "./found_roots.ts";

/** What a backup is of. */
export interface CountOptions extends SelectionRules {
  readonly roots: readonly string[];
  readonly exclude: readonly string[];
  readonly aliases?: readonly PathAlias[];
}

export type Counted = NonNullable<Progress["expected"]>;

/** Calls of the thread that counts. */
export interface CountApi {
  count(options: CountOptions): Counted;
}

/** About how many entries a backup will find, and the bytes of their files. */
export function countAhead(options: CountOptions): Counted {
  const ignore = () => {};
  const { roots, aliases } = new FoundRoots(options.roots, ignore, options.aliases);
  return estimate(roots, {
    isExcluded: compileExcludes(options.exclude),
    ...rulesOf(options),
    ...aliases.length === 0 ? {} : { aliases },
    onUnreadable: ignore,
    onSkipped: ignore,
  });
}
