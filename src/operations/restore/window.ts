import { release } from "../../base/bytes.ts";
import type { Entry } from "../../model/entry.ts";
import { encodePage } from "../../model/page.ts";
import { PageText } from "../../model/page_text.ts";
import type { Path } from "../../model/path.ts";
import type { PageRef } from "../../model/page_refs.ts";
import type { ContentsRequest, Listed, Loss, PageOutcome, Patch } from "./messages.ts";

const encoder = new TextEncoder();

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

/** A page with these entries. */
export function pageWith(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  return encoder.encode(encodePage(entries));
}

/** A file that waits for parts of several blobs. */
export interface SharedFile {
  readonly path: Path;
  missing: number;
  loss: Loss | undefined;
  /** A page with the file alone. */
  page(): Uint8Array;
}

interface Want {
  readonly page: PageText;
  readonly entries: readonly number[];
}

/** What is still to be done for a run of pages, by blob: each is fetched once for all that want something of it. */
export class Window {
  readonly #wants = new Map<string, { readonly blobSize: number; readonly wants: Want[] }>();
  readonly #shared = new Map<Path, SharedFile>();
  readonly #links: Want[] = [];
  readonly #directories: Want[] = [];
  readonly #patches = new Map<string, Patch[]>();
  readonly #texts: Uint8Array[] = [];
  readonly listed: Listed[] = [];
  readonly orphans: Entry[] = [];
  /** Files that have all their chunks, and perhaps more. */
  readonly complete: SharedFile[] = [];

  add(outcome: PageOutcome): void {
    const page = new PageText(outcome.text);
    this.#texts.push(outcome.text);
    for (const { blob, blobSize, entries } of outcome.wants) {
      const want = { page, entries };
      const known = this.#wants.get(blob);
      if (known === undefined) this.#wants.set(blob, { blobSize, wants: [want] });
      else known.wants.push(want);
    }
    for (const { path, entry, blobs } of outcome.shared) {
      const file: SharedFile = { path, missing: blobs, loss: undefined, page: () => page.cut([entry]) };
      if (blobs === 0) this.complete.push(file);
      else this.expect(file);
    }
    if (outcome.links.length > 0) this.#links.push({ page, entries: outcome.links });
    if (outcome.directories.length > 0) this.#directories.push({ page, entries: outcome.directories });
    for (const { blob, patch } of outcome.patches) {
      const patches = this.#patches.get(blob);
      if (patches === undefined) this.#patches.set(blob, [patch]);
      else patches.push(patch);
    }
    for (const listed of outcome.listed) this.listed.push(listed);
    for (const entry of outcome.orphans) this.orphans.push(entry);
  }

  /** Gives the memory of its pages back, of which nothing is wanted any more: the garbage collector would let two windows pile up. */
  [Symbol.dispose](): void {
    this.#texts.splice(0).forEach(release);
  }

  expect(file: SharedFile): void {
    this.#shared.set(file.path, file);
  }

  /** The file, when a part of it was the last one. */
  arrived(path: Path, loss: Loss | undefined): SharedFile | undefined {
    const file = this.#shared.get(path)!;
    file.loss ??= loss;
    if (--file.missing > 0) return undefined;
    this.#shared.delete(path);
    return file;
  }

  /** What each blob is wanted for, once, in the order in which blobs were first wanted. */
  *contents(): Generator<ContentsRequest> {
    for (const [blob, { blobSize, wants }] of this.#wants) {
      this.#wants.delete(blob);
      const patches = this.#patches.get(blob) ?? [];
      this.#patches.delete(blob);
      yield { blob, blobSize, pages: wants.map(({ page, entries }) => page.cut(entries)), patches };
    }
    for (const [blob, patches] of this.#patches) {
      const { blobSize } = patches[0]!.parts[0]!;
      yield { blob, blobSize, pages: [], patches };
    }
  }

  /** Pages with the links of all files. */
  links(): Uint8Array[] {
    return this.#links.map(({ page, entries }) => page.cut(entries));
  }

  /** Pages with all directories. */
  directories(): Uint8Array[] {
    return this.#directories.map(({ page, entries }) => page.cut(entries));
  }
}
