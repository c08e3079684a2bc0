import { usesOf } from "../write/page_store.ts";
import { fromHex } from "../base/bytes.ts";
import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { packChunks } from "../index/packed_chunks.ts";
import { databaseFiles, rebuiltPath, removeFiles } from "../index/files.ts";
import { Index } from "../index/index.ts";
import type { Entry, Place } from "../model/entry.ts";
import type { NamedBlob } from "../model/blob_list.ts";
import type { Manifest } from "../model/manifest.ts";
import {
  type BlobKind,
  blobName,
  listName,
  manifestName,
  parseContentName,
  snapshotName,
} from "../model/names.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { HeaderOpener, type Identity } from "../seal/age.ts";
import { listKey } from "../write/snapshot_parts.ts";
import { BlobLists } from "../read/blob_lists.ts";
import { readHostKeys, writeHostKeys } from "./host_keys.ts";
import { hostOf } from "../read/sealed_keys.ts";
import { lostKeys } from "./lost_keys.ts";
import { noteRecipients, recipientsOf, sealedToAll } from "./rebuilt_recipients.ts";
import { type HostTools, hostTools } from "../read/hosts.ts";
import type { Tools } from "../read/tools.ts";
import { readPageBlobs } from "../read/page_blobs.ts";
import { PageReader } from "../read/page_reader.ts";
import { readRelocations } from "../read/relocations.ts";
import { StoreSource } from "../read/store_source.ts";
import { SnapshotPages } from "../read/snapshot_pages.ts";
import { readableManifests, readManifest, readSnapshot } from "../read/snapshots.ts";
import { compareListing, NeededObjects } from "../read/needed_objects.ts";

export interface RebuildOptions {
  readonly indexPath: string;
  /** This host: its id or hostname, where its keys beside the index are lost as well. */
  readonly host: string;
  readonly identities: readonly Identity[];
  /** Those that backups are sealed to. */
  readonly recipients: readonly string[];
}

export interface RebuildSummary {
  readonly indexPath: string;
  readonly host: string;
  /** That were read: older ones that not all recipients of the newest one open do not help. */
  readonly snapshots: number;
  readonly pages: number;
  readonly chunks: number;
  readonly blobs: number;
  /** Objects that snapshots need and the store has not: what is in them is stored again. */
  readonly lost: number;
  /** The host's keys were lost, and are taken from the store. */
  readonly keysRestored: boolean;
  readonly durationMs: number;
}

/**
 * Rebuilds the index from the snapshots of this host and their pages, without a byte of the data blobs: the next backup reads
 * all files, since pages do not tell when they were last seen, and uploads none that the store has. The old index stays
 * until the new one is whole; where the host's keys are lost they come from the store. Throws `NotFoundError` where this host has no
 * snapshot.
 */
export async function rebuildIndex(root: Tools, options: RebuildOptions): Promise<RebuildSummary> {
  const startedMs = root.now().getTime();
  const { indexPath, identities } = options;
  const known = readHostKeys(indexPath);
  const keys = known ?? await lostKeys(root, options);
  const tools = hostTools(root, hostOf(keys));
  const lists = new BlobLists(tools);
  const needed = new NeededObjects(lists);
  const own = await newestFirst(tools, needed);
  const newest = own.at(0);
  if (newest === undefined) {
    throw new NotFoundError(`Cannot rebuild the index: ${tools.store.location} has no snapshot`);
  }
  const faults = await faultsOf(tools, needed);
  const sealed = await recipientsOf(tools, identities, newest);
  const path = rebuiltPath(indexPath);
  removeFiles(databaseFiles(path));
  using index = new Index(indexPath);
  const counts = await (async () => {
    using rebuilt = new Index(path);
    const rebuild = new Rebuild(tools, rebuilt, needed.sizes, faults, identities);
    await rebuild.addLists(lists, newest);
    for (const { id } of sealedToAll(own, sealed)) await rebuild.addSnapshot(id);
    await rebuild.finish(newest);
    if (sealed !== undefined) noteRecipients(tools, rebuilt, sealed, options.recipients);
    return rebuild.counts;
  })();
  if (known === undefined) writeHostKeys(indexPath, keys);
  index.replaceBy(path);
  removeFiles(databaseFiles(path));
  const durationMs = tools.now().getTime() - startedMs;
  const { host } = tools;
  return { ...counts, indexPath, host, keysRestored: known === undefined, lost: faults.size, durationMs };
}

/** Of what snapshots need, what a listing shows to be lost, and lists that cannot be read. */
async function faultsOf(tools: HostTools, needed: NeededObjects): Promise<ReadonlyMap<string, string>> {
  const { faults } = await compareListing(tools, needed.sizes);
  const lists = [...needed.faults].filter(([name]) => parseContentName(name)?.kind === "lists");
  return new Map([...lists, ...faults]);
}

/** All snapshots of the host, newest first. */
async function newestFirst(tools: HostTools, needed: NeededObjects): Promise<Manifest[]> {
  const own: Manifest[] = [];
  for await (const manifest of readableManifests(tools)) {
    await needed.add(manifest);
    own.push(manifest);
  }
  return own.sort((a, b) => (a.finishedAt < b.finishedAt ? 1 : -1));
}

class Rebuild {
  readonly #tools: HostTools;
  readonly #index: Index;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #faults: ReadonlyMap<string, string>;
  readonly #opener: HeaderOpener;
  readonly #source: StoreSource;
  readonly #read = new Set<string>();
  #name: string | undefined;
  readonly counts = { snapshots: 0, pages: 0, chunks: 0, blobs: 0 };

  constructor(
    tools: HostTools,
    index: Index,
    sizes: ReadonlyMap<string, number>,
    faults: ReadonlyMap<string, string>,
    identities: readonly Identity[],
  ) {
    this.#tools = tools;
    this.#index = index;
    this.#sizes = sizes;
    this.#faults = faults;
    this.#opener = new HeaderOpener(identities);
    this.#source = new StoreSource(tools, this.#opener);
  }

  /** Adds what snapshot `id` tells; of one chunk in two blobs the first that is added counts. */
  async addSnapshot(id: string): Promise<void> {
    this.#tools.signal.throwIfAborted();
    try {
      const manifest = await readManifest(this.#tools, id);
      const snapshot = await readSnapshot(this.#tools, manifest, this.#opener);
      this.#name ??= snapshot.name;
      await this.#addPages(manifest, snapshot);
      this.counts.snapshots++;
    } catch (error) {
      if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
      this.#warn(`"${snapshotName(id)}" does not help: ${error.message}`);
    }
  }

  /** Numbers the blobs in the order in which they were stored, and remembers the lists of the newest snapshot. */
  async addLists(lists: BlobLists, newest: Manifest): Promise<void> {
    for (const ref of newest.lists.filter(([id]) => !this.#faults.has(listName(id)))) {
      const blobs = await lists.read(ref);
      this.#addBlobs(blobs);
      this.#index.lists.add(listKey(blobs), ref);
    }
    this.#addBlobs(newest.tail);
  }

  #addBlobs(blobs: readonly NamedBlob[]): void {
    for (const [kind, id, size] of blobs) {
      if (this.#isThere(kind, id)) this.#index.blobs.finish({ id, kind, size, chunks: new Uint8Array(0) });
    }
  }

  async finish({ id, finishedAt }: Manifest): Promise<void> {
    if (this.#name === undefined) {
      throw new CorruptionError("Cannot rebuild the index: no snapshot can be opened");
    }
    const { store, signal } = this.#tools;
    const manifestSize = await store.size(manifestName(id), { signal }) ?? 0;
    this.#index.blobs.sortIn();
    this.#index.set("store", store.location);
    this.#index.addSnapshot({ id, name: this.#name, finishedAt, manifestSize });
    this.counts.blobs = this.#index.blobs.all().length;
  }

  async #addPages(manifest: Manifest, snapshot: Snapshot): Promise<void> {
    const relocations = await readRelocations(manifest, this.#source);
    const lists = new Map<string, Place>();
    const reader = new PageReader(this.#source, relocations);
    const refs = await new SnapshotPages(snapshot, reader).all(
      undefined,
      (list, error) => this.#warnOf(list.blob, error),
    );
    this.#addPlaces("pages", this.#unread(snapshot.pageLists));
    const pages = readPageBlobs(
      this.#source,
      this.#unread(refs),
      relocations,
      (reader, page) => reader.entries(page),
    );
    for await (const { blob, pages: read } of pages) {
      for (const page of read) {
        if ("error" in page) this.#warnOf(blob, page.error);
        else this.#addEntries(page.value, lists);
      }
      this.#addPlaces("pages", read.flatMap((page) => "value" in page ? [page.ref] : []));
      this.counts.pages += read.length;
      this.#progress();
    }
    for await (
      const { blob, pages: read } of readPageBlobs(
        this.#source,
        [...lists.values()],
        relocations,
        (reader, list) => reader.list(list),
      )
    ) {
      for (const list of read) {
        if ("error" in list) this.#warnOf(blob, list.error);
        else this.#addList(list.ref, list.value);
      }
    }
  }

  /** Those of `places` that no snapshot before has had. */
  #unread<T extends Place>(places: readonly T[]): T[] {
    return places.filter(({ blob, offset }) => {
      const key = `${blob}:${offset}`;
      const isNew = !this.#read.has(key);
      this.#read.add(key);
      return isNew;
    });
  }

  #addEntries(entries: readonly Entry[], lists: Map<string, Place>): void {
    this.#addPlaces("blobs", entries.flatMap(({ chunks }) => chunks ?? []));
    for (const list of this.#unread(entries.flatMap(({ lists }) => lists ?? []))) lists.set(list.id, list);
  }

  /** A list page counts only where the index can say which blobs it needs. */
  #addList(list: Place, chunks: readonly Place[]): void {
    this.#addPlaces("blobs", chunks);
    const blobs = [...new Set(chunks.map(({ blob }) => blob))];
    if (!blobs.every((blob) => this.#isThere("blobs", blob))) return;
    this.#index.addListBlobs(list.id, usesOf(chunks, this.#index));
    this.#addPlaces("pages", [list]);
  }

  #addPlaces(kind: BlobKind, places: readonly Place[]): void {
    for (const [blob, some] of Map.groupBy(places, (place) => place.blob)) {
      if (!this.#isThere(kind, blob)) {
        this.#index.lost.remember(kind, blob, some.map(({ id }) => id));
        continue;
      }
      const size = this.#sizes.get(blobName(kind, blob))!;
      const chunks = packChunks(some.map((place) => ({ ...place, id: fromHex(place.id) })));
      this.#index.blobs.finish({ id: blob, kind, size, chunks });
      if (kind === "blobs") this.counts.chunks += some.length;
    }
  }

  #isThere(kind: BlobKind, blob: string): boolean {
    const name = blobName(kind, blob);
    return this.#sizes.has(name) && !this.#faults.has(name);
  }

  #warnOf(blob: string, error: Error): void {
    this.#warn(`"${blobName("pages", blob)}" does not help: ${error.message}`);
  }

  #warn(text: string): void {
    this.#tools.report({ kind: "warning", text });
  }

  #progress(): void {
    const { chunks } = this.counts;
    this.#tools.report({
      kind: "progress",
      progress: {
        stage: "index",
        entriesDone: chunks,
        entriesFound: chunks,
        bytesDone: 0,
        bytesFound: 0,
        allKnown: false,
        bytesTransferred: this.#source.bytesFetched,
        errors: 0,
      },
    });
  }
}
