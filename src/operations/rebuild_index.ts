import { usesOf } from "./backup/page_store.ts";
import { fromHex } from "../base/bytes.ts";
import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { packChunks } from "../index/packed_chunks.ts";
import { Index } from "../index/index.ts";
import type { Entry, Place } from "../model/entry.ts";
import type { Manifest } from "../model/manifest.ts";
import { type BlobKind, blobName, manifestName, snapshotName } from "../model/names.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { HeaderOpener } from "../seal/age.ts";
import { publicKeyOf } from "../seal/signature.ts";
import { makeHostKey, readHostKey } from "./backup/host.ts";
import type { Tools } from "./options.ts";
import { readPageBlobs } from "./page_blobs.ts";
import { readRelocations } from "./relocations.ts";
import { StoreSource } from "./restore/writers.ts";
import { readManifest, readSnapshot, trustedManifests } from "./snapshots.ts";
import { compareListing, NeededObjects } from "./verify/listing.ts";

export interface RebuildOptions {
  readonly indexPath: string;
  /** This host, where its key beside the index is lost as well. */
  readonly hostname: string;
  readonly identities: readonly string[];
}

export interface RebuildSummary {
  readonly indexPath: string;
  readonly snapshots: number;
  readonly pages: number;
  readonly chunks: number;
  readonly blobs: number;
  /** Objects that snapshots need and the store has not: what is in them is stored again. */
  readonly lost: number;
  /** The host's key was lost and made anew: others that trust the old one must be told. */
  readonly newHostKey: boolean;
  readonly durationMs: number;
}

/** What of a manifest is needed to begin with. */
type Own = Pick<Manifest, "id" | "name" | "finishedAt" | "hostId">;

/**
 * Makes the index anew from the snapshots of this host and their pages, without a byte of the data blobs: the next backup reads
 * all files, since pages do not tell when they were last seen, and uploads none that the store has. The old index stays
 * until the new one is whole. Throws `NotFoundError` where this host has no snapshot.
 */
export async function rebuildIndex(tools: Tools, options: RebuildOptions): Promise<RebuildSummary> {
  const startedMs = tools.now().getTime();
  const { indexPath, hostname } = options;
  const needed = new NeededObjects();
  const own = await ownSnapshots(tools, options, needed);
  const newest = own.at(0);
  if (newest === undefined) {
    const { location } = tools.store;
    throw new NotFoundError(`Cannot rebuild the index: ${location} has no snapshot of host "${hostname}"`);
  }
  const { faults } = await compareListing(tools, needed.sizes);
  const path = `${indexPath}.rebuilt`;
  removeIndex(path);
  using index = new Index(indexPath);
  const counts = await (async () => {
    using rebuilt = new Index(path);
    const rebuild = new Rebuild(tools, rebuilt, needed.sizes, faults, options.identities);
    for (const { id } of own) await rebuild.addSnapshot(id);
    await rebuild.finish(newest);
    return rebuild.counts;
  })();
  const newHostKey = readHostKey(indexPath) === undefined;
  if (newHostKey) makeHostKey(indexPath, newest.hostId);
  index.replaceBy(path);
  removeIndex(path);
  const durationMs = tools.now().getTime() - startedMs;
  return { ...counts, indexPath, newHostKey, lost: faults.size, durationMs };
}

/**
 * Snapshots of this host, newest first. What is taken for its own decides what the next backup leaves out, so it must be signed with
 * the host's key or, where that is lost, by a host that is trusted.
 */
async function ownSnapshots(
  tools: Tools,
  { indexPath, hostname }: RebuildOptions,
  needed: NeededObjects,
): Promise<Own[]> {
  const host = readHostKey(indexPath);
  const key = host === undefined ? undefined : publicKeyOf(host.signingKey);
  const isOwn = (manifest: Manifest) =>
    host === undefined
      ? manifest.hostname === hostname
      : manifest.hostKey === key || tools.trust !== undefined && manifest.hostId === host.hostId;
  const own: Own[] = [];
  for await (const manifest of trustedManifests(tools)) {
    if (!isOwn(manifest)) continue;
    needed.add(manifest);
    own.push({
      id: manifest.id,
      name: manifest.name,
      finishedAt: manifest.finishedAt,
      hostId: manifest.hostId,
    });
  }
  own.sort((a, b) => (a.finishedAt < b.finishedAt ? 1 : -1));
  return own.filter(({ hostId }) => hostId === own[0].hostId);
}

/** Removes an index that nobody has open. */
function removeIndex(path: string): void {
  for (const end of ["", "-wal", "-shm"]) {
    try {
      Deno.removeSync(path + end);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

class Rebuild {
  readonly #tools: Tools;
  readonly #index: Index;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #faults: ReadonlyMap<string, string>;
  readonly #opener: HeaderOpener;
  readonly #source: StoreSource;
  readonly #read = new Set<string>();
  #seed: string | undefined;
  readonly counts = { snapshots: 0, pages: 0, chunks: 0, blobs: 0 };

  constructor(
    tools: Tools,
    index: Index,
    sizes: ReadonlyMap<string, number>,
    faults: ReadonlyMap<string, string>,
    identities: readonly string[],
  ) {
    this.#tools = tools;
    this.#index = index;
    this.#sizes = sizes;
    this.#faults = faults;
    this.#opener = new HeaderOpener(identities);
    this.#source = new StoreSource(tools, this.#opener, sizes);
  }

  /** Adds what snapshot `id` tells; of one chunk in two blobs the first that is added counts. */
  async addSnapshot(id: string): Promise<void> {
    this.#tools.signal.throwIfAborted();
    try {
      const manifest = await readManifest(this.#tools, id);
      const snapshot = await readSnapshot(this.#tools, manifest, this.#opener);
      this.#seed ??= snapshot.chunker.seed;
      await this.#addPages(manifest, snapshot);
      this.counts.snapshots++;
    } catch (error) {
      if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
      this.#warn(`"${snapshotName(id)}" does not help: ${error.message}`);
    }
  }

  async finish({ id, name, finishedAt }: Own): Promise<void> {
    if (this.#seed === undefined) {
      throw new CorruptionError("Cannot rebuild the index: no snapshot can be opened");
    }
    const { store, signal } = this.#tools;
    const manifestSize = await store.size(manifestName(id), { signal }) ?? 0;
    this.#index.blobs.sortIn();
    this.#index.set("chunker_seed", this.#seed);
    this.#index.set("store", store.location);
    this.#index.addSnapshot({ id, name, finishedAt, manifestSize });
    this.counts.blobs = this.#index.blobs.all().length;
  }

  async #addPages(manifest: Manifest, snapshot: Snapshot): Promise<void> {
    const relocations = await readRelocations(manifest, this.#source);
    const lists = new Map<string, Place>();
    const pages = readPageBlobs(
      this.#source,
      this.#unread(snapshot.pages),
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
