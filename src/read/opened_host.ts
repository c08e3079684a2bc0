import type { ManifestHead } from "../model/manifest.ts";
import type { FoundLines } from "../model/page_search.ts";
import type { PageRef } from "../model/page_refs.ts";
import type { Path } from "../model/path.ts";
import type { Snapshot } from "../model/snapshot.ts";
import {
  decodeOpened,
  encodeOpened,
  type KnownLines,
  type KnownSnapshot,
  type OpenedParts,
  type RowNumbers,
} from "./opened_encoding.ts";
import { OpenedRows } from "./opened_rows.ts";
import type { SnapshotTop } from "./snapshot_top.ts";

// What was opened of the snapshots of one host, in little memory: rows of pages, which snapshots share, are there once.

/** Text of what a snapshot has beside its pages; one with more, as thousands of errors, is opened each time. */
const REST_MAX = 8 * 1024;
/** Places where a path was looked for, and text that was found in each. */
const FOUND_MAX = 5_000;
const FOUND_TEXT_MAX = 64 * 1024;

/** How the manifest was listed, and the bytes of the sealed snapshot beside it. */
export interface Listed {
  readonly size: number;
  readonly modified: Date;
  readonly sealedSize: number | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What was opened of a host. All of it was checked when it was put in. */
export class OpenedHost {
  readonly #rows: OpenedRows;
  readonly #known = new Map<string, KnownSnapshot>();
  readonly #lists: Map<string, RowNumbers>;
  /** By page and path. */
  readonly #found = new Map<string, KnownLines>();
  /** The snapshot that was put in last. */
  #last: KnownSnapshot | undefined;
  /** Whether anything was put in. */
  isChanged = false;

  constructor(parts?: OpenedParts) {
    this.#rows = new OpenedRows(parts?.rows);
    this.#lists = new Map(parts?.lists);
    for (const known of parts?.snapshots ?? []) this.#known.set(known.id, known);
    for (const one of parts?.found ?? []) this.#found.set(`${one[0]} ${one[1]}`, one);
  }

  /** A page of any snapshot, or a list of pages. */
  readonly knownRef = (id: string): PageRef | undefined => {
    const number = this.#rows.numberOf(id);
    return number === undefined ? undefined : this.#rows.at(number);
  };

  /** The manifest of snapshot `id`, where it is still listed as it was, and the sealed snapshot with it; else it is forgotten. */
  manifest(id: string, { size, modified, sealedSize }: Listed): ManifestHead | undefined {
    const known = this.#known.get(id);
    const isSame = known?.size === size && known.modifiedMs === modified.getTime() &&
      known.sealedSize === sealedSize;
    if (isSame) return JSON.parse(decoder.decode(known.manifest));
    if (this.#known.delete(id)) this.isChanged = true;
    return undefined;
  }

  putManifest(manifest: ManifestHead, { size, modified }: Listed): void {
    const { id, snapshot: { sha256, size: sealedSize } } = manifest;
    this.#known.set(id, {
      ...{ id, size, modifiedMs: modified.getTime(), sha256, sealedSize },
      manifest: encoder.encode(JSON.stringify(manifest)),
      ...{ lists: [], pages: [] },
    });
    this.isChanged = true;
  }

  /** The snapshot that `manifest` names. */
  snapshot(manifest: ManifestHead): Snapshot | undefined {
    const known = this.#opened(manifest);
    if (known === undefined) return undefined;
    const rest = JSON.parse(decoder.decode(known.rest)) as Omit<Snapshot, "pageLists" | "pages">;
    return { ...rest, pageLists: this.#refs(known.lists), pages: this.#refs(known.pages) };
  }

  /** The top of it, of which as little is made as is asked for. */
  top(manifest: ManifestHead): SnapshotTop | undefined {
    const known = this.#opened(manifest);
    if (known === undefined) return undefined;
    const { lists, pages } = known;
    const numberAt = (i: number) => i < lists.length ? lists[i]! : pages[i - lists.length]!;
    return {
      lists: lists.length,
      count: lists.length + pages.length,
      at: (i) => this.#rows.at(numberAt(i)),
      pathAt: (i) => this.#rows.pathAt(numberAt(i)),
    };
  }

  #opened({ id, snapshot }: ManifestHead): KnownSnapshot | undefined {
    const known = this.#known.get(id);
    return known?.rest === undefined || known.sha256 !== snapshot.sha256 ? undefined : known;
  }

  /** Its manifest was put in before. */
  putSnapshot({ pageLists, pages, ...rest }: Snapshot): void {
    const known = this.#known.get(rest.id);
    const text = JSON.stringify(rest);
    if (known === undefined || text.length > REST_MAX) return;
    known.rest = encoder.encode(text);
    known.lists = this.#number(pageLists, this.#last?.lists);
    known.pages = this.#number(pages, this.#last?.pages);
    this.#last = known;
    this.isChanged = true;
  }

  /** The pages in the list of that id. */
  list(id: string): PageRef[] | undefined {
    const numbers = this.#lists.get(id);
    return numbers === undefined ? undefined : this.#refs(numbers);
  }

  putList(id: string, pages: readonly PageRef[]): void {
    this.#lists.set(id, this.#number(pages));
    this.isChanged = true;
  }

  /** What a page has at `path`. */
  found(page: string, path: Path): FoundLines | undefined {
    return this.#found.get(`${page} ${path}`)?.[2];
  }

  putFound(page: string, path: Path, found: FoundLines): void {
    if (found.head.length + found.lines.join().length > FOUND_TEXT_MAX) return;
    if (this.#found.size >= FOUND_MAX) this.#found.delete(this.#found.keys().next().value!);
    this.#found.set(`${page} ${path}`, [page, path, found]);
    this.isChanged = true;
  }

  /** Whether it has snapshots that are not in `ids`. */
  hasOthers(ids: ReadonlySet<string>): boolean {
    return [...this.#known.keys()].some((id) => !ids.has(id));
  }

  /** The same without snapshots that are not in `ids`, and what only they had. */
  only(ids: ReadonlySet<string>): OpenedHost {
    const kept = new OpenedHost();
    for (const [id, known] of this.#known) {
      if (!ids.has(id)) continue;
      kept.#known.set(id, { ...known, rest: undefined });
      const snapshot = this.snapshot(JSON.parse(decoder.decode(known.manifest)));
      if (snapshot !== undefined) kept.putSnapshot(snapshot);
    }
    for (const id of this.#lists.keys()) {
      if (kept.knownRef(id) !== undefined) kept.putList(id, this.list(id)!);
    }
    for (const [page, path, found] of this.#found.values()) {
      if (kept.knownRef(page) !== undefined) kept.putFound(page, path, found);
    }
    return kept;
  }

  encode(): Uint8Array<ArrayBuffer> {
    return encodeOpened({
      rows: this.#rows.pack(),
      snapshots: [...this.#known.values()],
      lists: [...this.#lists],
      found: [...this.#found.values()],
    });
  }

  /** Inverse of {@link encode}, for bytes of this program; nothing for those of another version. */
  static decode(bytes: Uint8Array): OpenedHost {
    return new OpenedHost(decodeOpened(bytes));
  }

  #refs(numbers: RowNumbers): PageRef[] {
    return Array.from(numbers, (number) => this.#rows.at(number));
  }

  /** Snapshots that follow each other have most rows in common, and in the same order: looking them up costs more than comparing. */
  #number(refs: readonly PageRef[], like: RowNumbers = []): Uint32Array {
    let next = 0;
    return Uint32Array.from(refs, (ref) => {
      let number: number | undefined = like[next];
      const row = number === undefined ? undefined : this.#rows.at(number);
      if (row !== ref && row?.id !== ref.id) {
        number = this.#rows.numberOf(ref.id);
        next = number === undefined ? next : Math.max(next, Array.prototype.indexOf.call(like, number));
      }
      next++;
      return number !== undefined && isSameRow(this.#rows.at(number), ref) ? number : this.#rows.add(ref);
    });
  }
}

function isSameRow(a: PageRef, b: PageRef): boolean {
  return a === b || a.firstPath === b.firstPath && a.blob === b.blob && a.blobSize === b.blobSize &&
      a.offset === b.offset && a.length === b.length && a.entries === b.entries;
}
