import * as v from "valibot";
import { type BlobKind, blobName } from "./names.ts";
import { isCount, isSha256, parseVersioned } from "./json.ts";
import { cutRuns, type RunLength } from "./runs.ts";

// The blobs of a snapshot, in the order in which its host stored them, cut into lists by their names alone: snapshots that name almost
// the same blobs share almost all lists.

const LIST_VERSION = 2;

/** A blob that a snapshot needs, with its stored bytes. */
export type NamedBlob = readonly [kind: BlobKind, id: string, size: number];

/** A stored list: the SHA-256 of its object, the stored bytes of that, and how many blobs it names. */
export type ListRef = readonly [id: string, size: number, blobs: number];

/** Blobs in one list, or in what is left after all lists, at most. */
export const LIST_BLOBS_MAX = 1_024;

/** Stored bytes of a list at most; names and sizes do not compress below 33 bytes a blob. */
export const LIST_STORED_MAX = 128 * 1024;

/** Its JSON text at most. */
export const LIST_TEXT_MAX = 256 * 1024;

/** Lists of one manifest at most. */
const LISTS_MAX = 65_536;

/** Data blobs stay for long. Page blobs come and go with every change: short lists of their own keep that away from the others. */
const LENGTHS: Readonly<Record<BlobKind, RunLength>> = {
  blobs: { min: 128, zeroBits: 8, max: 512 },
  pages: { min: 16, zeroBits: 5, max: 128 },
};

/** `blobs`, which come in the order in which they were stored, as full lists of one kind each, and what is left. */
export function cutLists(
  blobs: readonly NamedBlob[],
): { readonly lists: readonly (readonly NamedBlob[])[]; readonly tail: readonly NamedBlob[] } {
  const cut = (of: BlobKind) => cutRuns(blobs.filter(([kind]) => kind === of), ([, id]) => id, LENGTHS[of]);
  const [data, pages] = [cut("blobs"), cut("pages")];
  return { lists: [...data.full, ...pages.full], tail: [...data.rest, ...pages.rest] };
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
