import { CorruptionError } from "../base/errors.ts";
import type { StoredBlob } from "./blob_table.ts";
import type { Place } from "./entry.ts";
import { checkVersion, isCount, isSha256 } from "./json.ts";

// The first line of a page, and the numbers that its other lines have for blobs.

const PAGE_VERSION = 2;

/** What the first line of a page says: the blobs that its entries refer to, and those of their list pages. */
export interface PageHead {
  readonly blobs: readonly StoredBlob[];
  readonly pages: readonly StoredBlob[];
}

/** A place as a page has it. */
export type Numbered = [blob: number, offset: number, length: number, id: string];

/** The first line of a page. */
export function headLine(blobs: readonly StoredBlob[], pages: readonly StoredBlob[]): string {
  return JSON.stringify({ vaultik_page: PAGE_VERSION, blobs, pages });
}

/** What the first line of the page `text` says. Throws as {@link parseHead}. */
export function headOf(text: string): PageHead {
  return parseHead(text.slice(0, text.indexOf("\n")));
}

/** Inverse of {@link headLine}. Throws `CorruptionError`; `UsageError` where a newer program wrote it. */
export function parseHead(line: string): PageHead {
  const head = parseLine(line) as PageHead | null;
  checkVersion(head, "vaultik_page", PAGE_VERSION);
  const { blobs, pages } = head!;
  if (areStoredBlobs(blobs) && areStoredBlobs(pages)) return { blobs, pages };
  throw new CorruptionError("Cannot read page: its blobs are malformed");
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new CorruptionError("Cannot read page: it is malformed", { cause });
  }
}

/** Each has one number, and so one size. */
function areStoredBlobs(value: unknown): value is StoredBlob[] {
  return Array.isArray(value) && new Set(value.map((blob) => blob?.[0])).size === value.length &&
    value.every((blob) => Array.isArray(blob) && blob.length === 2 && isSha256(blob[0]) && isCount(blob[1]));
}

/** Throws `CorruptionError` where the page has no such blob. */
export function toPlace([number, offset, length, id]: Numbered, blobs: readonly StoredBlob[]): Place {
  // "constructor" is a member of every array.
  const blob = isCount(number) ? blobs[number] : undefined;
  if (blob === undefined) throw new CorruptionError("Cannot read page: it has no blob of such a number");
  return { blob: blob[0], blobSize: blob[1], offset, length, id };
}
