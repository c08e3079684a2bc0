import { concatBytes, view } from "../base/bytes.ts";
import type { Path } from "../model/path.ts";
import { STAMP_BYTES } from "./stamp.ts";

// Stamps of a page: for each entry the length of its parent's path (u16 LE), its name with its length (u16 LE) before it, its stamp. Equal bytes
// mean an unchanged page. An entry that is below none of those before it has its whole path for a name.

export const STAMP_HEAD_BYTES = 4;

/** How an entry is named in the stamps of a page. */
export interface Named {
  readonly path: Path;
  /** Bytes of the path of its parent (0 for `/`), where it is given by {@link name} alone. */
  readonly parentLength: number;
  /** Last part of the path; of the first entries of a walk, the whole path. */
  readonly name: string;
}

/** An entry as the stamps of its page tell of it. */
export interface StampedEntry extends Named {
  /** Those of the page, and where in them its own begins: a view for each entry would cost more than all else about it. */
  readonly stamps: Uint8Array;
  readonly stampAt: number;
}

/** A view of the entry's stamp. */
export function stampOf({ stamps, stampAt }: StampedEntry): Uint8Array {
  return stamps.subarray(stampAt, stampAt + STAMP_BYTES);
}

/** Bytes that `named` takes in the stamps of its page. */
export function stampedLength(named: Named): number {
  return STAMP_HEAD_BYTES + named.name.length + STAMP_BYTES;
}

/** Writes the head and the name of an entry; where its stamp is to be. */
export function putName({ parentLength, name }: Named, into: Uint8Array, at: number): number {
  into[at++] = parentLength;
  into[at++] = parentLength >> 8;
  into[at++] = name.length;
  into[at++] = name.length >> 8;
  for (let i = 0; i < name.length; i++) into[at++] = name.charCodeAt(i);
  return at;
}

/** The entries that the stamps of a page tell of; its first entry is `first`. */
export function readStamps(stamps: Uint8Array, first: Path): StampedEntry[] {
  const bytes = view(stamps);
  const entries: StampedEntry[] = [];
  let path = first;
  let parent = "";
  for (let at = 0; at < stamps.length; at += STAMP_BYTES) {
    const parentLength = stamps[at]! | (stamps[at + 1]! << 8);
    const start = at + STAMP_HEAD_BYTES;
    at = start + (stamps[at + 2]! | (stamps[at + 3]! << 8));
    const name = bytes.toString("latin1", start, at);
    if (entries.length > 0) {
      const whole = name[0] === "/" ? name : undefined;
      const isSibling = whole === undefined && parent.length === parentLength + 1;
      if (!isSibling) parent = (whole ?? path).slice(0, parentLength) + "/";
      path = whole ?? parent + name;
    }
    entries.push({ path, parentLength, name: lastPart(name, parentLength), stamps, stampAt: at });
  }
  return entries;
}

/** Undoes what {@link joinStamps} does to an entry that has lost its parent. */
function lastPart(name: string, parentLength: number): string {
  return parentLength > 0 && name[0] === "/" ? name.slice(parentLength + 1) : name;
}

/** Stamps of a page with these entries, of which some that were between them are left out. */
export function joinStamps(entries: readonly StampedEntry[]): Uint8Array {
  let previous: Path | undefined;
  return concatBytes(entries.map((entry) => {
    const { path, parentLength } = entry;
    const hasParent = previous === undefined || previous.startsWith(path.slice(0, parentLength));
    const named = hasParent ? entry : { ...entry, name: path };
    const bytes = new Uint8Array(stampedLength(named));
    bytes.set(stampOf(entry), putName(named, bytes, 0));
    previous = path;
    return bytes;
  }));
}
