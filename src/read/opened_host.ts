import type { ManifestHead } from "../model/manifest.ts";
import type { FoundLines } from "../model/page_search.ts";
import type { PageRef } from "../model/page_refs.ts";
import type { Path } from "../model/path.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { decodeOpened, encodeOpened, type KnownLines, type KnownSnapshot } from "./opened_encoding.ts";

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

/** What was opened of a host. All of it was checked when it was put in. */
export class OpenedHost {
  readonly #known = new Map<string, KnownSnapshot>();
  readonly #rows: PageRef[] = [];
  /** By id: the number of the row that was added last, of the first so many rows. */
  readonly #numbers = new Map<string, number>();
  #numbered = 0;
  readonly #lists = new Map<string, readonly number[]>();
  /** By page and path. */
  readonly #found = new Map<string, KnownLines>();
  /** The snapshot that was put in last. */
  #last: KnownSnapshot | undefined;
  /** Whether anything was put in. */
  isChanged = false;

  /** A page of any snapshot, or a list of pages. */
  readonly knownRef = (id: string): PageRef | undefined => {
    const number = this.#numberOf(id);
    return number === undefined ? undefined : this.#rows[number];
  };

  /** The manifest of snapshot `id`, where it is still listed as it was, and the sealed snapshot with it; else it is forgotten. */
  manifest(id: string, { size, modified, sealedSize }: Listed): ManifestHead | undefined {
    const known = this.#known.get(id);
    const isSame = known?.size === size && known.modifiedMs === modified.getTime() &&
      known.sealedSize === sealedSize;
    if (isSame) return JSON.parse(known.manifest);
    if (this.#known.delete(id)) this.isChanged = true;
    return undefined;
  }

  putManifest(manifest: ManifestHead, { size, modified }: Listed): void {
    const { id, snapshot: { sha256, size: sealedSize } } = manifest;
    const text = JSON.stringify(manifest);
    this.#known.set(id, { id, size, modifiedMs: modified.getTime(), sha256, sealedSize, manifest: text });
    this.isChanged = true;
  }

  /** The snapshot that `manifest` names. */
  snapshot({ id, snapshot }: ManifestHead): Snapshot | undefined {
    const known = this.#known.get(id);
    if (known?.rest === undefined || known.sha256 !== snapshot.sha256) return undefined;
    const rest = JSON.parse(known.rest) as Omit<Snapshot, "pageLists" | "pages">;
    return { ...rest, pageLists: this.#refs(known.lists!), pages: this.#refs(known.pages!) };
  }

  /** Its manifest was put in before. */
  putSnapshot({ pageLists, pages, ...rest }: Snapshot): void {
    const known = this.#known.get(rest.id);
    const text = JSON.stringify(rest);
    if (known === undefined || text.length > REST_MAX) return;
    known.rest = text;
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
      kept.#known.set(id, { ...known });
      const snapshot = this.snapshot(JSON.parse(known.manifest));
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
      rows: this.#rows,
      snapshots: [...this.#known.values()],
      lists: [...this.#lists],
      found: [...this.#found.values()],
    });
  }

  /** Inverse of {@link encode}, for bytes of this program; nothing for those of another version. */
  static decode(bytes: Uint8Array): OpenedHost {
    const host = new OpenedHost();
    const parts = decodeOpened(bytes);
    if (parts === undefined) return host;
    for (const row of parts.rows) host.#rows.push(row);
    for (const known of parts.snapshots) host.#known.set(known.id, known);
    for (const [id, numbers] of parts.lists) host.#lists.set(id, numbers);
    for (const one of parts.found) host.#found.set(`${one[0]} ${one[1]}`, one);
    return host;
  }

  #refs(numbers: readonly number[]): PageRef[] {
    return numbers.map((number) => this.#rows[number]!);
  }

  /** Snapshots that follow each other have most rows in common, and in the same order: looking them up costs more than comparing. */
  #number(refs: readonly PageRef[], like: readonly number[] = []): number[] {
    let next = 0;
    return refs.map((ref) => {
      let number: number | undefined = like[next];
      const row = number === undefined ? undefined : this.#rows[number];
      if (row !== ref && row?.id !== ref.id) {
        number = this.#numberOf(ref.id);
        next = number === undefined ? next : Math.max(next, like.indexOf(number));
      }
      next++;
      return number !== undefined && isSameRow(this.#rows[number]!, ref) ? number : this.#add(ref);
    });
  }

  #add(ref: PageRef): number {
    return this.#rows.push(ref) - 1;
  }

  /** Numbered when that is asked for: where nothing new is put in, it is not. */
  #numberOf(id: string): number | undefined {
    for (; this.#numbered < this.#rows.length; this.#numbered++) {
      this.#numbers.set(this.#rows[this.#numbered]!.id, this.#numbered);
    }
    return this.#numbers.get(id);
  }
}

function isSameRow(a: PageRef, b: PageRef): boolean {
  return a === b || a.firstPath === b.firstPath && a.blob === b.blob && a.blobSize === b.blobSize &&
      a.offset === b.offset && a.length === b.length && a.entries === b.entries;
}
