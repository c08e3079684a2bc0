import * as v from "valibot";
import { type BlobKind, blobName } from "./names.ts";
import { isCount, isSha256, parseVersioned } from "./json.ts";

// The blobs of a snapshot, in the order in which its host stored them, cut into lists by their names alone: snapshots that name almost
// the same blobs share almost all lists.

const LIST_VERSION = 2;

/** A blob that a snapshot needs, with its stored bytes. */
export type NamedBlob = readonly [kind: BlobKind, id: string, size: number];

/** A stored list: the SHA-256 of its object, the stored bytes of that, and how many blobs it names. */
export type ListRef = readonly [id: string, size: number, blobs: number];

/** A list ends at an id with so many zero bits at its end: after 512 names on average. */
const CUT_MASK = (1 << 9) - 1;

/** Blobs in one list at most. */
export const LIST_BLOBS_MAX = 4_096;

/** Stored bytes of a list at most; names and sizes do not compress below 33 bytes a blob. */
export const LIST_STORED_MAX = 512 * 1024;

/** Its JSON text at most. */
export const LIST_TEXT_MAX = 1024 * 1024;

/** Lists of one manifest at most. */
const LISTS_MAX = 65_536;

/** Whether a list ends after the blob `id`. */
export function endsList(id: string): boolean {
  return (parseInt(id.slice(-4), 16) & CUT_MASK) === 0;
}

/** `blobs`, which come in the order in which they were stored, as full lists and what is left after the last of them. */
export function cutLists<Blob>(
  blobs: readonly Blob[],
  idOf: (blob: Blob) => string,
): { readonly lists: readonly (readonly Blob[])[]; readonly tail: readonly Blob[] } {
  const lists: Blob[][] = [];
  let from = 0;
  for (let at = 0; at < blobs.length; at++) {
    if (!endsList(idOf(blobs[at])) && at + 1 - from < LIST_BLOBS_MAX) continue;
    lists.push(blobs.slice(from, at + 1));
    from = at + 1;
  }
  return { lists, tail: blobs.slice(from) };
}

/** With a random `nonce` a list that is stored again has another id than before: a prune may have marked that for deletion. */
export function encodeList(blobs: readonly NamedBlob[], nonce?: string): string {
  return JSON.stringify({ vaultik_list: LIST_VERSION, nonce, blobs }) + "\n";
}

/** Schema of some {@link NamedBlob}, at most as many as a list has. By hand: there are hundreds in each of thousands of manifests. */
export const NamedBlobs = v.custom<readonly NamedBlob[]>((value) =>
  Array.isArray(value) && value.length <= LIST_BLOBS_MAX && value.every(isNamedBlob)
);

/** Schema of some {@link ListRef}. */
export const ListRefs = v.custom<readonly ListRef[]>((value) =>
  Array.isArray(value) && value.length <= LISTS_MAX && value.every(isListRef)
);

function isNamedBlob(value: unknown): value is NamedBlob {
  return Array.isArray(value) && value.length === 3 && (value[0] === "blobs" || value[0] === "pages") &&
    isSha256(value[1]) && isCount(value[2]);
}

function isListRef(value: unknown): value is ListRef {
  return Array.isArray(value) && value.length === 3 && isSha256(value[0]) &&
    isCount(value[1]) && value[1] <= LIST_STORED_MAX && isCount(value[2]) && value[2] <= LIST_BLOBS_MAX;
}

const ListSchema = v.object({ blobs: NamedBlobs });

/** Inverse of {@link encodeList}. Throws `CorruptionError`. */
export function decodeList(text: string): NamedBlob[] {
  return [...parseVersioned(text, "vaultik_list", LIST_VERSION, ListSchema).blobs];
}

export function nameOf([kind, id]: NamedBlob): string {
  return blobName(kind, id);
}
