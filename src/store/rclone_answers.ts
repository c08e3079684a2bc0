import { EnvironmentError } from "../base/errors.ts";

// What rclone answers, checked: remotes of all kinds are behind it.

/** What rclone says of an object, or of a directory, which has no size. */
export interface RcloneItem {
  readonly path: string;
  readonly size: number;
  readonly modified: Date;
  readonly storageClass?: string;
}

type Members = Readonly<Record<string, unknown>>;

/** Whether the remote can rename. */
export function canMove({ Features }: Members): boolean {
  return membersOf(Features).Move === true;
}

/** Whether the remote has directories without anything in them: then one that is not there is not merely empty. */
export function hasDirectories({ Features }: Members): boolean {
  return membersOf(Features).CanHaveEmptyDirectories === true;
}

/** The size of the object that was asked about; `undefined` where there is none. Throws `EnvironmentError` where it is not said. */
export function sizeIn({ item }: Members): number | undefined {
  return item === null || item === undefined ? undefined : sizeOf(membersOf(item));
}

/** The objects of a listing. Throws `EnvironmentError` where one has no name, size or time. */
export function objectsIn(answer: Members): RcloneItem[] {
  return itemsIn(answer).map((item) => {
    if (typeof item.ModTime !== "string") throw notUnderstood("a time");
    const modified = new Date(item.ModTime);
    if (Number.isNaN(modified.getTime())) throw notUnderstood("a time");
    const storageClass = typeof item.Tier === "string" && item.Tier !== "" ? { storageClass: item.Tier } : {};
    return { path: pathOf(item), size: sizeOf(item), modified, ...storageClass };
  });
}

/** The paths in a listing. Throws `EnvironmentError` where one is missing. */
export function pathsIn(answer: Members): string[] {
  return itemsIn(answer).map(pathOf);
}

function itemsIn({ list }: Members): Members[] {
  if (list === null || list === undefined) return [];
  if (!Array.isArray(list)) throw notUnderstood("a list");
  return list.map(membersOf);
}

function pathOf({ Path }: Members): string {
  if (typeof Path === "string") return Path;
  throw notUnderstood("a name");
}

/** rclone gives -1 for what the remote makes up as it is read. */
function sizeOf({ Size }: Members): number {
  if (Number.isSafeInteger(Size) && (Size as number) >= 0) return Size as number;
  throw notUnderstood("a size");
}

function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null ? value as Members : {};
}

function notUnderstood(what: string): EnvironmentError {
  return new EnvironmentError(`Cannot understand rclone: it gives something else where ${what} should be`);
}
