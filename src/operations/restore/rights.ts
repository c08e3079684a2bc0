import type { Entry } from "../../model/entry.ts";
import type { Xattrs } from "../../platform/xattrs.ts";

/**
 * Attributes that give rights. What is made in a directory with a default access list gets them by itself, and what is there may have got
 * them since; where the snapshot has none, a restore takes them away.
 */
const RIGHTS: ReadonlySet<string> = new Set([
  "system.posix_acl_access",
  "system.posix_acl_default",
  "security.capability",
]);

/** Those rights of `found` that the entry does not have. */
export function rightsBeyond({ xattrs = [] }: Pick<Entry, "xattrs">, found: Xattrs): string[] {
  if (found === undefined) return [];
  return found.map(([name]) => name)
    .filter((name) => RIGHTS.has(name) && !xattrs.some(([wanted]) => wanted === name));
}

/** Whether `found` has all attributes of the entry, and no right beyond. */
export function hasXattrsOf(entry: Pick<Entry, "xattrs">, found: Xattrs): boolean {
  const values = new Map(found);
  return (entry.xattrs ?? []).every(([name, value]) => values.get(name) === value) &&
    rightsBeyond(entry, found).length === 0;
}
