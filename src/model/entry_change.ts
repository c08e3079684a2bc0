import type { Entry } from "./entry.ts";

/** In what two entries of one path differ. */
export type Aspect =
  | "kind"
  | "contents"
  | "mode"
  | "owner"
  | "time"
  | "target"
  | "device"
  | "xattrs"
  | "links";

/** What became of a path. */
export type Change =
  | { readonly kind: "added"; readonly after: Entry }
  | { readonly kind: "gone"; readonly before: Entry }
  | {
    readonly kind: "changed";
    readonly before: Entry;
    readonly after: Entry;
    readonly what: readonly Aspect[];
  };

/** In what `after` is another than `before`, apart from contents. */
export function aspectsOf(before: Entry, after: Entry): Aspect[] {
  if (before.kind !== after.kind) return ["kind"];
  const aspects: [Aspect, boolean][] = [
    ["mode", before.mode !== after.mode],
    ["owner", before.uid !== after.uid || before.gid !== after.gid],
    ["time", before.mtime !== after.mtime],
    ["target", before.target !== after.target],
    ["device", String(before.device) !== String(after.device)],
    ["xattrs", JSON.stringify(before.xattrs ?? []) !== JSON.stringify(after.xattrs ?? [])],
    ["links", before.hardlink !== after.hardlink],
  ];
  return aspects.filter(([, differs]) => differs).map(([aspect]) => aspect);
}

/** Whether two files have the same contents, where the entries alone say so; where chunks are stored is of no interest. */
export function hasSameContents(before: Entry, after: Entry): boolean | undefined {
  if (before.size !== after.size) return false;
  if (before.hardlink !== undefined && before.hardlink === after.hardlink) return true;
  if (before.chunks !== undefined && after.chunks !== undefined) {
    const { chunks } = after;
    return before.chunks.length === chunks.length && before.chunks.every(({ id }, i) =>
      id === chunks[i]!.id
    ) &&
      hasSameHoles(before, after);
  }
  if (before.lists === undefined || after.lists === undefined) return undefined;
  const { lists } = after;
  const isSame = before.lists.length === lists.length &&
    before.lists.every(({ id }, i) => id === lists[i]!.id);
  return isSame && hasSameHoles(before, after) ? true : undefined;
}

function hasSameHoles(before: Entry, after: Entry): boolean {
  return JSON.stringify(before.holes ?? []) === JSON.stringify(after.holes ?? []);
}

/** A change that says nothing by itself: a directory in which something was made or removed gets another time. */
export function isEcho(change: Change): boolean {
  return change.kind === "changed" && change.after.kind === "directory" && change.what.join() === "time";
}

/** Bytes that a change adds; negative where it frees some. */
export function growthOf(change: Change): number {
  const sizeOf = (entry: Entry) => entry.hardlink === undefined ? entry.size ?? 0 : 0;
  if (change.kind === "added") return sizeOf(change.after);
  if (change.kind === "gone") return -sizeOf(change.before);
  return sizeOf(change.after) - sizeOf(change.before);
}

export function entryOf(change: Change): Entry {
  return change.kind === "gone" ? change.before : change.after;
}
