import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import { readAhead } from "../../base/read_ahead.ts";
import type { ListRef, NamedBlob } from "../../model/blob_list.ts";
import type { Manifest } from "../../model/manifest.ts";
import { listedInfo, type ObjectInfo } from "../../store/store.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import type { HostTools } from "../../read/hosts.ts";
import { isVoid, readManifest } from "../../read/snapshots.ts";
import type { SnapshotObjects } from "./metadata.ts";
import { noIds } from "./prune_plan.ts";

/** Manifests in memory at a time. */
const READ_AHEAD = 16;

/**
 * What all manifests of a host name. Only ids are kept, 40 bytes each however many manifests name them, and each list is read once
 * however many manifests have it.
 */
export class NamedObjects {
  readonly ids = noIds();
  /** Names of objects that repairs have given up. */
  readonly lost = new Set<string>();
  snapshots = 0;
  /** Whether the newest snapshot of a source set, by its host's clock or by the store's, was made by a run that could not look at `prune/`. */
  get isBlind(): boolean {
    return [...this.#newest.values()].some(({ blind }) => blind);
  }
  readonly #tools: HostTools;
  readonly #lists: BlobLists;
  /** Manifests that were read, as they were then. */
  readonly #read = new Set<string>();
  /** By clock and source set: the newest manifest. */
  readonly #newest = new Map<string, { readonly timeMs: number; readonly blind: boolean }>();

  constructor(tools: HostTools) {
    this.#tools = tools;
    this.#lists = new BlobLists(tools);
  }

  /** Reads the manifests that are new. Throws `CorruptionError` at one that cannot be read: what it needs is not known. */
  async read(metadata: readonly SnapshotObjects[]): Promise<void> {
    const listed = metadata.flatMap(({ id, manifest }) => manifest === undefined ? [] : [{ id, manifest }]);
    const fresh = listed.filter(({ manifest }) => !this.#read.has(versionOf(manifest)));
    for await (
      const found of readAhead(fresh, READ_AHEAD, ({ id, manifest }) => this.#get(id, manifest))
    ) {
      if (found === undefined) continue;
      // Also where it is gone meanwhile: some of its lists were there, and are among the names now.
      this.#read.add(versionOf(found.info));
      await this.#addAll(found.manifest, found.info);
    }
  }

  /** Whether each manifest that was read is still there as it was. */
  isStillSo(metadata: readonly SnapshotObjects[]): boolean {
    const now = new Set(metadata.map(({ manifest }) => manifest === undefined ? "" : versionOf(manifest)));
    return this.#read.isSubsetOf(now);
  }

  /** `undefined` where it was removed since it was listed, and perhaps voided. */
  async #get(id: string, info: ObjectInfo): Promise<{ manifest: Manifest; info: ObjectInfo } | undefined> {
    try {
      return { manifest: await readManifest(this.#tools, id, info), info };
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      if (!(error instanceof CorruptionError)) throw error;
      if (await this.#isGone(info)) return undefined;
      throw this.#cannotPrune(info.name, error);
    }
  }

  async #isGone({ name }: ObjectInfo): Promise<boolean> {
    const { store, signal } = this.#tools;
    const listed = await listedInfo(store, name, { signal });
    return listed === undefined || await isVoid(store, listed, signal);
  }

  /** Adds what is there of it, where the snapshot was removed since it was read, and its lists with it. */
  async #addAll(manifest: Manifest, info: ObjectInfo): Promise<void> {
    try {
      for (const list of manifest.lists) await this.#addList(list);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      if (await this.#isGone(info)) return;
      throw this.#cannotPrune(info.name, error);
    }
    this.#add(manifest, info);
  }

  #add(manifest: Manifest, { modified }: ObjectInfo): void {
    this.snapshots++;
    for (const name of manifest.lost ?? []) this.lost.add(name);
    this.#addBlobs(manifest.tail);
    this.#noteNewest(`host ${manifest.set}`, manifest, Date.parse(manifest.finishedAt));
    this.#noteNewest(`store ${manifest.set}`, manifest, modified.getTime());
  }

  /** A host's clock may have been ahead once; a store that was copied took all at one time, where the last by id counts. */
  #noteNewest(key: string, { blind = false }: Manifest, timeMs: number): void {
    const newest = this.#newest.get(key);
    if (newest === undefined || newest.timeMs <= timeMs) this.#newest.set(key, { timeMs, blind });
  }

  async #addList(list: ListRef): Promise<void> {
    const [id] = list;
    if (this.ids.lists.has(id)) return;
    this.#addBlobs(await this.#lists.read(list));
    this.ids.lists.addText(id);
  }

  #addBlobs(blobs: readonly NamedBlob[]): void {
    for (const [kind, id] of blobs) this.ids[kind].addText(id);
  }

  #cannotPrune(manifest: string, error: Error): CorruptionError {
    return new CorruptionError(
      `Cannot prune: what "${this.#tools.store.location}/${manifest}" needs is not known: ${error.message}; ` +
        "vaultik repair may heal it, or remove that snapshot",
      { cause: error },
    );
  }
}

function versionOf({ name, size, modified }: ObjectInfo): string {
  return `${name} ${size} ${modified.getTime()}`;
}
