import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import { PlaceList } from "../../index/place_list.ts";
import type { Entry, Place } from "../../model/entry.ts";
import type { Manifest } from "../../model/manifest.ts";
import { blobName, parseBlobName, snapshotName } from "../../model/names.ts";
import { displayPath, isAfter, type Path } from "../../model/path.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { HeaderOpener } from "../../seal/age.ts";
import { EntrySource } from "../../read/entry_source.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { PageRef } from "../../model/page_refs.ts";
import { PageReader } from "../../read/page_reader.ts";
import { SnapshotPages } from "../../read/snapshot_pages.ts";
import { type ReadPageBlob, readPageBlobs } from "../../read/page_blobs.ts";
import { readRelocations, type Relocations } from "../../read/relocations.ts";
import type { StoreSource } from "../../read/store_source.ts";
import { readManifest, readSnapshot } from "../../read/snapshots.ts";
import type { AuditRequest } from "./audit.ts";
import { auditBlobs } from "./audit_pool.ts";
import type { DamageMap } from "./damage.ts";
import { ListedFiles, type Refused, refusedIn } from "./entry_checks.ts";
import { type Link, LinkCheck } from "./link_check.ts";
import type { NeededObjects } from "../../read/needed_objects.ts";
import { type Candidate, chooseSample } from "./sample.ts";

export interface DeepOptions {
  readonly opener: HeaderOpener;
  /** Threads that fetch, hash and open. */
  readonly readers: number;
  /** Look at this part of the blobs only, 0 to 1. */
  readonly sample?: number;
  /** When each blob was checked last, where that is known. */
  readonly checkedMs?: ReadonlyMap<string, number>;
  readonly onChecked: (request: Pick<AuditRequest, "kind" | "id">, fault: string | undefined) => void;
}

/** What is remembered of a page or list that was read. */
interface ReadPage {
  readonly links: readonly Link[];
  readonly lastPath?: Path;
}

/** A snapshot that is being checked. */
interface CheckedSnapshot {
  readonly id: string;
  /** Ids of the blobs that its manifest names, where that is known. */
  readonly named: ReadonlySet<string | undefined> | undefined;
  readonly relocations: Relocations;
  /** By which a page or list is checked once. */
  readonly keyOf: (page: Place) => string;
}

/** Opens everything that some snapshots need, each object once however many of them share it, and checks every hash. */
export class DeepCheck {
  readonly #tools: HostTools;
  readonly #needed: NeededObjects;
  readonly #damage: DamageMap;
  readonly #source: StoreSource;
  readonly #options: DeepOptions;
  readonly #lists: BlobLists;
  readonly #places = new PlaceList();
  /** Pages and list pages. */
  readonly #read = new Map<string, ReadPage>();
  readonly #readBlobs = new Set<string>();
  readonly #listed = new ListedFiles();
  readonly #links = new LinkCheck();
  objectsRead = 0;

  constructor(
    tools: HostTools,
    source: StoreSource,
    needed: NeededObjects,
    damage: DamageMap,
    options: DeepOptions,
  ) {
    this.#tools = tools;
    this.#source = source;
    this.#needed = needed;
    this.#damage = damage;
    this.#options = options;
    this.#lists = new BlobLists(tools);
  }

  /** Adds what it finds to the damage. */
  async run(): Promise<void> {
    using _ = this.#places;
    for (const id of this.#needed.snapshots) {
      this.#tools.signal.throwIfAborted();
      await this.#checkSnapshot(id);
    }
    await this.#checkBlobs();
  }

  async #checkSnapshot(id: string): Promise<void> {
    const opened = await this.#open(id);
    if (opened === undefined) return;
    this.objectsRead++;
    const { manifest, snapshot } = opened;
    const relocations = await readRelocations(manifest, this.#source);
    // Pages are shared by snapshots, but not where repairs have moved different chunks.
    const variant = JSON.stringify(manifest.relocations ?? "");
    const keyOf = (page: Place) => `${page.blob}:${page.offset}${variant}`;
    const pages = new SnapshotPages(snapshot, new PageReader(this.#source, relocations));
    const refs = await pages.all(undefined, (list, error) => this.#notePageList(list, error));
    const named = await this.#namedBy(manifest);
    const checked = { id, named, relocations, keyOf };
    await this.#checkLists(checked, await this.#checkPages(checked, refs));
    for (const refused of this.#listed.takeRefused()) this.#noteRefused(refused.page, refused);
    this.#checkOrder(checked, refs);
    const entries = new EntrySource(pages, this.#source, relocations);
    const linksIn = (page: PageRef) => this.#read.get(keyOf(page))?.links ?? [];
    for await (const { path, first } of this.#links.broken({ pages: refs, entries, keyOf, linksIn })) {
      const state = `has "${displayPath(path)}" as a link to "${displayPath(first)}", which is no file of it`;
      this.#damage.note(snapshotName(id), state, []);
    }
  }

  #noteRefused(page: string, { path, reason }: Refused): void {
    const state = `has "${displayPath(path)}", which cannot be restored: ${reason}`;
    this.#damage.note(blobName("pages", page), state, []);
  }

  #checkOrder({ id, keyOf }: CheckedSnapshot, refs: readonly PageRef[]): void {
    for (const [i, { firstPath }] of refs.entries()) {
      const last = i === 0 ? undefined : this.#read.get(keyOf(refs[i - 1]!))?.lastPath;
      if (last === undefined || isAfter(firstPath, last)) continue;
      this.#damage.note(snapshotName(id), `has "${displayPath(last)}" out of order, or twice`, []);
    }
  }

  /** Reads those of `pages` that were not read before. Lists of chunks that they name. */
  async #checkPages(
    { id, named, relocations, keyOf }: CheckedSnapshot,
    pages: readonly PageRef[],
  ): Promise<Place[]> {
    const unread = pages.filter((page) => !this.#read.has(keyOf(page)));
    const lists = new Map<string, Place>();
    for await (
      const blob of readPageBlobs(this.#source, unread, relocations, (reader, ref) => reader.entries(ref))
    ) {
      this.#noteBlob(blob);
      for (const page of blob.pages) {
        if ("error" in page) continue;
        this.#checkNamed(id, named, page.value.flatMap(({ chunks }) => chunks ?? []));
        const refused = refusedIn(page.value, page.ref.firstPath);
        if (refused !== undefined) this.#noteRefused(blob.blob, refused);
        const links = this.#noteEntries(blob.blob, page.value, lists, keyOf);
        this.#read.set(keyOf(page.ref), { links, lastPath: page.value.at(-1)?.path });
      }
    }
    return [...lists.values()];
  }

  async #checkLists(
    { id, named, relocations, keyOf }: CheckedSnapshot,
    lists: readonly Place[],
  ): Promise<void> {
    for await (
      const blob of readPageBlobs(this.#source, lists, relocations, (reader, ref) => reader.list(ref))
    ) {
      this.#noteBlob(blob);
      for (const list of blob.pages) {
        if ("error" in list) continue;
        this.#checkNamed(id, named, list.value);
        this.#listed.noteList(keyOf(list.ref), list.value.reduce((sum, { length }) => sum + length, 0));
        list.value.forEach((place) => this.#places.add(place));
      }
    }
  }

  /** Ids of the blobs that a manifest names, or says are lost; `undefined` where a list, which is damage of its own, cannot be read. */
  async #namedBy(manifest: Manifest): Promise<ReadonlySet<string | undefined> | undefined> {
    const ids = new Set((manifest.lost ?? []).map((name) => parseBlobName(name)?.id));
    try {
      for await (const blobs of this.#lists.of(manifest)) for (const [, id] of blobs) ids.add(id);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      return undefined;
    }
    return ids;
  }

  #notePageList({ blob, id }: Place, error: Error): void {
    this.#damage.note(blobName("pages", blob), `is damaged: ${error.message}`, [id]);
  }

  async #open(id: string): Promise<{ manifest: Manifest; snapshot: Snapshot } | undefined> {
    const name = snapshotName(id);
    try {
      const manifest = await readManifest(this.#tools, id);
      return { manifest, snapshot: await readSnapshot(this.#tools, manifest, this.#options.opener) };
    } catch (error) {
      if (error instanceof NotFoundError) return undefined; // removed just now
      if (!(error instanceof CorruptionError)) throw error;
      this.#damage.note(name, `is damaged: ${error.message}`, "all");
      return undefined;
    }
  }

  /** A restore reads no blob that the manifest does not name; of those that were lost it tells itself. */
  #checkNamed(
    id: string,
    named: ReadonlySet<string | undefined> | undefined,
    chunks: readonly Place[],
  ): void {
    if (named === undefined) return;
    const stray = chunks.find(({ blob }) => !named.has(blob));
    if (stray === undefined) return;
    const state = `needs "${blobName("blobs", stray.blob)}", which its manifest does not name`;
    this.#damage.note(snapshotName(id), state, []);
  }

  #noteBlob({ blob, fault, pages }: ReadPageBlob<Place, unknown>): void {
    const name = blobName("pages", blob);
    const lost = pages.flatMap((page) => "error" in page ? [page] : []);
    const state = fault ?? (lost.length === 0 ? undefined : `is damaged: ${lost[0]!.error.message}`);
    if (state !== undefined) this.#damage.note(name, state, lost.map(({ ref }) => ref.id));
    if (this.#readBlobs.has(blob)) return;
    this.#readBlobs.add(blob);
    this.objectsRead++;
    this.#options.onChecked({ kind: "pages", id: blob }, state);
  }

  /** Remembers where the chunks of some entries are; their links. */
  #noteEntries(
    page: string,
    entries: readonly Entry[],
    lists: Map<string, Place>,
    keyOf: (page: Place) => string,
  ): Link[] {
    const links: Link[] = [];
    for (const entry of entries) {
      const { path, chunks, lists: listed = [], hardlink } = entry;
      for (const chunk of chunks ?? []) this.#places.add(chunk);
      if (listed.length > 0) this.#listed.add(entry, page, listed.map(keyOf));
      for (const list of listed) {
        if (this.#read.has(keyOf(list))) continue;
        this.#read.set(keyOf(list), { links: [] });
        lists.set(keyOf(list), list);
      }
      if (hardlink !== undefined) links.push({ path, first: hardlink });
    }
    return links;
  }

  async #checkBlobs(): Promise<void> {
    const chosen = this.#chooseBlobs();
    const places = this.#places;
    const requests = function* (): Generator<AuditRequest> {
      for (const { kind, id, size } of chosen) {
        yield { kind, id, size, chunks: kind === "blobs" ? places.packed(id) : undefined };
      }
    };
    const bytes = chosen.reduce((sum, { size }) => sum + size, 0);
    const work = { count: chosen.length, bytes, requests: requests() };
    await auditBlobs(
      this.#tools,
      this.#source,
      this.#options.readers,
      work,
      ({ kind, id }, { fault, lost }) => {
        this.objectsRead++;
        if (fault !== undefined) this.#damage.note(blobName(kind, id), fault, lost);
        this.#options.onChecked({ kind, id }, fault);
      },
    );
  }

  /** Blobs of chunks, all or those of the sample, and blobs of pages that no page was read from. */
  #chooseBlobs(): (Candidate & Pick<AuditRequest, "kind">)[] {
    const blobs: (Candidate & Pick<AuditRequest, "kind">)[] = [];
    const pages: typeof blobs = [];
    for (const [name, size] of this.#needed.sizes) {
      const blob = parseBlobName(name);
      if (blob === undefined || this.#damage.get(name)?.lost === "all") continue;
      if (blob.kind === "blobs") blobs.push({ ...blob, size });
      else if (!this.#readBlobs.has(blob.id)) pages.push({ ...blob, size });
    }
    const { sample, checkedMs } = this.#options;
    const nowMs = this.#tools.now().getTime();
    return [...pages, ...sample === undefined ? blobs : chooseSample(blobs, sample, checkedMs, nowMs)];
  }
}
