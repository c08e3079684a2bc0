const NAME = /^[A-Za-z0-9._:=@+-]+(\/[A-Za-z0-9._:=@+-]+)*$/;
const PREFIX = /^([A-Za-z0-9._:=@+-]+\/)*[A-Za-z0-9._:=@+-]*$/;

/** Whether `text` is an object name as {@link ObjectStore} defines it. */
export function isName(text: string): boolean {
  return NAME.test(text) && !hasDotSegment(text);
}

/** Throws a plain `Error`: names are made by this program, so a bad one is a bug. */
export function checkName(name: string): void {
  if (!isName(name)) throw new Error(`Cannot use "${name}" as an object name: not a path of plain segments`);
}

/** A prefix is any beginning of a name, so it may be empty, or end in `/` or within a segment. */
export function checkPrefix(prefix: string): void {
  if (PREFIX.test(prefix) && !hasDotSegment(prefix.slice(0, prefix.lastIndexOf("/") + 1))) return;
  throw new Error(`Cannot list "${prefix}": not the beginning of an object name`);
}

function hasDotSegment(path: string): boolean {
  return path.split("/").some((segment) => segment === "." || segment === "..");
}
