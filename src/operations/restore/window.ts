import { append } from "../../base/append.ts";
import type { Entry } from "../../model/entry.ts";
import type { Path } from "../../model/path.ts";
import type { PageRef } from "../../model/page_refs.ts";
import type { FileRows } from "./file_rows.ts";
import type {
  BlobWant,
  ContentsRequest,
  Listed,
  Loss,
  PageOutcome,
  Patch,
  SharedOutcome,
} from "./messages.ts";

/** A run of pages that are restored together, and where the page after them begins. */
export interface PageRun {
  readonly pages: readonly PageRef[];
  readonly nextPath: Path | undefined;
}

/** Cuts pages into runs of at most `bytes` of text, or of one page. */
export async function* pageRuns(refs: AsyncIterable<PageRef>, bytes: number): AsyncGenerator<PageRun> {
  let pages: PageRef[] = [];
  let length = 0;
  for await (const page of refs) {
    if (pages.length > 0 && length + page.length > bytes) {
      yield { pages, nextPath: page.firstPath };
      pages = [];
      length = 0;
    }
    pages.push(page);
    length += page.length;
  }
  if (pages.length > 0) yield { pages, nextPath: undefined };
}

/** Of all its pages. */
export function textBytes({ pages }: PageRun): number {
  return pages.reduce((sum, { length }) => sum + length, 0);
}

/** A file that waits for parts of several blobs. */
export interface SharedFile {
  readonly path: Path;
  missing: number;
  loss: Loss | undefined;
  /** Whether it is as it was before the restore. */
  isAsBefore: boolean;
  /** A page with the file alone. */
  page(): Uint8Array<ArrayBuffer>;
}

interface Want {
  readonly blobSize: number;
  bytes: number;
  readonly rows: FileRows[];
  readonly pages: Uint8Array<ArrayBuffer>[];
}

/** What is still to be done for a run of pages, by blob: each is fetched once for all that want something of it. */
export class Window {
  readonly #wants = new Map<string, Want>();
  readonly #shared = new Map<Path, SharedFile>();
  readonly #patches = new Map<string, Patch[]>();
  /** Pages with the links of all files. */
  readonly links: Uint8Array[] = [];
  /** Pages with all directories: those that everyone may enter, and the others. */
  readonly directories: Uint8Array[] = [];
  readonly closedDirectories: Uint8Array[] = [];
  readonly listed: Listed[] = [];
  readonly orphans: Entry[] = [];
  /** Files that have all their chunks, and perhaps more. */
  readonly complete: SharedFile[] = [];

  add({ wants, shared, patches, listed, orphans, ...pages }: PageOutcome): void {
    for (const want of wants) this.#want(want);
    for (const { path, page, blobs, isThere: isAsBefore } of shared) {
      const file: SharedFile = { path, missing: blobs, loss: undefined, isAsBefore, page: () => page };
      if (blobs === 0) this.complete.push(file);
      else this.expect(file);
    }
    if (pages.links !== undefined) this.links.push(pages.links);
    if (pages.directories !== undefined) this.directories.push(pages.directories);
    if (pages.closedDirectories !== undefined) this.closedDirectories.push(pages.closedDirectories);
    for (const { blob, patch } of patches) {
      const known = this.#patches.get(blob);
      if (known === undefined) this.#patches.set(blob, [patch]);
      else known.push(patch);
    }
    append(this.listed, listed);
    append(this.orphans, orphans);
  }

  #want({ blob, blobSize, bytes, rows, page }: BlobWant): void {
    let want = this.#wants.get(blob);
    if (want === undefined) this.#wants.set(blob, want = { blobSize, bytes: 0, rows: [], pages: [] });
    want.bytes += bytes;
    if (rows !== undefined) want.rows.push(rows);
    if (page !== undefined) want.pages.push(page);
  }

  expect(file: SharedFile): void {
    this.#shared.set(file.path, file);
  }

  /** The file, when a part of it was the last one. */
  arrived({ path, damage, isWritten }: SharedOutcome): SharedFile | undefined {
    const file = this.#shared.get(path)!;
    file.loss ??= damage;
    if (isWritten) file.isAsBefore = false;
    if (--file.missing > 0) return undefined;
    this.#shared.delete(path);
    return file;
  }

  /** What each blob is wanted for, once, in the order in which blobs were first wanted. */
  *contents(): Generator<ContentsRequest> {
    for (const [blob, want] of this.#wants) {
      this.#wants.delete(blob);
      const patches = this.#patches.get(blob) ?? [];
      this.#patches.delete(blob);
      yield { blob, ...want, bytes: want.bytes + bytesOf(patches), patches };
    }
    for (const [blob, patches] of this.#patches) yield patchesOf(blob, patches);
  }
}

/** What is left to do with a blob of which nothing else is wanted. */
export function patchesOf(blob: string, patches: readonly Patch[]): ContentsRequest {
  const { blobSize } = patches[0]!.parts[0]!;
  return { blob, blobSize, bytes: bytesOf(patches), rows: [], pages: [], patches };
}

function bytesOf(patches: readonly Patch[]): number {
  return patches.reduce((sum, { parts }) => parts.reduce((sum, { length }) => sum + length, sum), 0);
}
