import { S_IFREG } from "../../platform/stat.ts";
import { compileExcludes } from "../../scan/exclude.ts";
import type { WalkOptions } from "../../scan/visited.ts";
import { walk } from "../../scan/walk.ts";
import { rulesOf, type SelectionRules } from "../../model/selection.ts";
import type { PathAlias } from "../../model/path_alias.ts";
import type { Progress } from "../../report/events.ts";
import { FoundRoots } from "./found_roots.ts";

/** What a backup is of. */
export interface CountOptions extends SelectionRules {
  readonly roots: readonly string[];
  readonly exclude: readonly string[];
  readonly aliases?: readonly PathAlias[];
}

export type Counted = NonNullable<Progress["expected"]>;

/** Entries that a backup will find, and the bytes of their files, by names and sizes alone. */
export function countAhead(options: CountOptions): Counted {
  const ignore = () => {};
  const { roots, aliases } = new FoundRoots(options.roots, ignore, options.aliases);
  const walkOptions: WalkOptions = {
    isExcluded: compileExcludes(options.exclude),
    ...rulesOf(options),
    ...aliases.length === 0 ? {} : { aliases },
    onUnreadable: ignore,
    onSkipped: ignore,
  };
  const counted = { entries: 0, bytes: 0 };
  const linked = new Set<bigint>();
  const count = walk(roots, walkOptions, ({ stat }) => {
    counted.entries++;
    if (stat.type !== S_IFREG || stat.linkCount > 1 && linked.has(stat.inode)) return false;
    if (stat.linkCount > 1) linked.add(stat.inode);
    counted.bytes += stat.size;
    return false;
  });
  for (const _ of count);
  return counted;
}
