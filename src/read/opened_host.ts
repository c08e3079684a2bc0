import type { ManifestHead } from "../model/manifest.ts";
import type { FoundLines } from "../model/page_search.ts";
import type { PageRef } from "../model/page_refs.ts";
import type { Path } from "../model/path.ts";
import type { Snapshot } from "../model/snapshot.ts";

// What was opened of the snapshots of one host, in little memory: rows of pages, which snapshots share, are there once.

const VERSION = 1;
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

/** Documents are kept as text, which takes a part of the memory. */
interface Known {
  readonly id: string;
  readonly size: number;
  readonly modifiedMs: number;
  /** Of the sealed snapshot. */
  readonly sha256: string;
  readonly sealedSize: number;
  readonly manifest: string;
  /** The snapshot but for its pages. */
  rest?: string;
  /** Numbers of rows. */
  lists?: number[];
  pages?: number[];
}

type Row = [first: string, blob: number, offset: number, length: number, id: string, entries: number];

interface Encoded {
  readonly vaultik_opened: number;
  readonly blobs: [string, number][];
  readonly rows: Row[];
  readonly snapshots: Known[];
  readonly lists: [string, number[]][];
  readonly found: [page: string, path: Path, found: FoundLines][];
}

/** What was opened of a host. All of it was checked when it was put in. */
export class OpenedHost {
  readonly #known = new Map<string, Known>();
  readonly #rows: PageRef[] = [];
  /** By id: the number of the row that was added last. */
  readonly #numbers = new Map<string, number>();
  readonly #lists = new Map<string, number[]>();
  /** By page and path. */
  readonly #found = new Map<string, [page: string, path: Path, found: FoundLines]>();
  /** The snapshot that was put in last. */
  #last: Known | undefined;
  /** Whether anything was put in. */
  isChanged = false;

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
    for (const id of this.#lists.keys()) if (kept.#numbers.has(id)) kept.putList(id, this.list(id)!);
    for (const [page, path, found] of this.#found.values()) {
      if (kept.#numbers.has(page)) kept.putFound(page, path, found);
    }
    return kept;
  }

  encode(): string {
    const blobs = new Map<string, number>();
    const sizes: [string, number][] = [];
    const rows = this.#rows.map(({ firstPath, blob, blobSize, offset, length, id, entries }): Row => {
      let number = blobs.get(blob);
      if (number === undefined) blobs.set(blob, number = sizes.push([blob, blobSize]) - 1);
      return [firstPath, number, offset, length, id, entries];
    });
    const encoded: Encoded = {
      vaultik_opened: VERSION,
      blobs: sizes,
      rows,
      snapshots: [...this.#known.values()],
      lists: [...this.#lists],
      found: [...this.#found.values()],
    };
    return JSON.stringify(encoded);
  }

  /** Inverse of {@link encode}, for text of this program; nothing for that of another version. */
  static decode(text: string): OpenedHost {
    const { vaultik_opened, blobs, rows, snapshots, lists, found } = JSON.parse(text) as Encoded;
    const host = new OpenedHost();
    if (vaultik_opened !== VERSION) return host;
    for (const [firstPath, number, offset, length, id, entries] of rows) {
      const [blob, blobSize] = blobs[number]!;
      host.#add({ firstPath, blob, blobSize, offset, length, id, entries });
    }
    for (const known of snapshots) host.#known.set(known.id, known);
    for (const [id, numbers] of lists) host.#lists.set(id, numbers);
    for (const one of found) host.#found.set(`${one[0]} ${one[1]}`, one);
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
      if (number === undefined || this.#rows[number]!.id !== ref.id) {
        number = this.#numbers.get(ref.id);
        next = number === undefined ? next : Math.max(next, like.indexOf(number));
      }
      next++;
      return number !== undefined && isSameRow(this.#rows[number]!, ref) ? number : this.#add(ref);
    });
  }

  #add(ref: PageRef): number {
    const number = this.#rows.push(ref) - 1;
    this.#numbers.set(ref.id, number);
    return number;
  }
}

function isSameRow(a: PageRef, b: PageRef): boolean {
  return a.firstPath === b.firstPath && a.blob === b.blob && a.blobSize === b.blobSize &&
    a.offset === b.offset && a.length === b.length && a.entries === b.entries;
}
