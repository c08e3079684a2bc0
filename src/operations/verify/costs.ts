import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import type { Entry, Place } from "../../model/entry.ts";
import { type BlobKind, blobName, parseBlobName, snapshotName } from "../../model/names.ts";
import { displayPath, type Path } from "../../model/path.ts";
import type { PageRef } from "../../model/page_refs.ts";
import type { HeaderOpener } from "../../seal/age.ts";
import type { HostTools } from "../../read/hosts.ts";
import { PageReader } from "../../read/page_reader.ts";
import { readRelocations, relocate } from "../../read/relocations.ts";
import type { StoreSource } from "../../read/store_source.ts";
import { SnapshotPages } from "../../read/snapshot_pages.ts";
import { readManifest, readSnapshot } from "../../read/snapshots.ts";
import type { DamageMap } from "./damage.ts";

/** A file that a damaged object costs. */
interface Cost {
  readonly object: string;
  readonly path: Path;
}

interface PageCosts {
  readonly costs: readonly Cost[];
  /** Other names of files: they are lost with them. */
  readonly links: readonly { readonly path: Path; readonly first: Path }[];
  /** Damaged objects that it needs, also those of which it needs only what is sound. */
  readonly needs: ReadonlySet<string>;
}

/** Which files of which snapshots damaged objects cost; needs the key. */
export class CostFinder {
  readonly #tools: HostTools;
  readonly #source: StoreSource;
  readonly #opener: HeaderOpener;
  readonly #damage: DamageMap;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #pages = new Map<string, PageCosts>();
  /** By object, then by path, the snapshots. */
  readonly costs = new Map<string, Map<string, string[]>>();
  /** By snapshot, the damaged objects that it needs something of. */
  readonly needs = new Map<string, Set<string>>();
  /** Ids of damaged blobs. */
  readonly #damaged: Record<BlobKind, Set<string>> = { blobs: new Set(), pages: new Set() };

  /** `sizes`: by name, what the snapshots name. */
  constructor(
    tools: HostTools,
    source: StoreSource,
    opener: HeaderOpener,
    damage: DamageMap,
    sizes: ReadonlyMap<string, number>,
  ) {
    this.#sizes = sizes;
    this.#tools = tools;
    this.#source = source;
    this.#opener = opener;
    this.#damage = damage;
    for (const name of damage.keys()) {
      const blob = parseBlobName(name);
      if (blob !== undefined) this.#damaged[blob.kind].add(blob.id);
    }
  }

  /** Adds what the damage costs of snapshot `id`. One that cannot be opened, or is gone, costs what is reported of it as a whole. */
  async add(id: string): Promise<void> {
    if (this.#damage.get(snapshotName(id))?.lost === "all") return;
    try {
      await this.#addSnapshot(id);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  async #addSnapshot(id: string): Promise<void> {
    const manifest = await readManifest(this.#tools, id);
    const snapshot = await readSnapshot(this.#tools, manifest, this.#opener);
    const relocations = await readRelocations(manifest, this.#source);
    const reader = new PageReader(this.#source, relocations);
    const variant = JSON.stringify(manifest.relocations ?? "");
    const lost = new Map<Path, string>();
    const needs = new Set<string>();
    this.needs.set(id, needs);
    const pages: PageCosts[] = [];
    const refs = await new SnapshotPages(snapshot, reader).all(undefined, (list, error) => {
      if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
      lost.set(list.firstPath, blobName("pages", list.blob));
    });
    for (const page of refs.map((page) => relocate(page, relocations))) {
      const key = `${page.blob}:${page.offset}${variant}`;
      let found = this.#pages.get(key);
      if (found === undefined) this.#pages.set(key, found = await this.#costsOf(page, reader));
      for (const { path, object } of found.costs) lost.set(path, object);
      found.needs.forEach((name) => needs.add(name));
      pages.push(found);
    }
    for (const { path, first } of pages.flatMap(({ links }) => links)) {
      const object = lost.get(first);
      if (object !== undefined) lost.set(path, object);
    }
    // What its manifest does not name is the fault of the snapshot.
    for (const [path, object] of lost) {
      this.#note(this.#damage.has(object) ? object : snapshotName(id), displayPath(path), id);
    }
  }

  #note(object: string, path: string, snapshot: string): void {
    const paths = this.costs.get(object) ?? new Map<string, string[]>();
    paths.set(path, [...paths.get(path) ?? [], snapshot]);
    this.costs.set(object, paths);
  }

  async #costsOf(page: PageRef, reader: PageReader): Promise<PageCosts> {
    const object = blobName("pages", page.blob);
    const needs = new Set([object].filter((name) => this.#damage.has(name)));
    const lost = { costs: [{ object, path: page.firstPath }], links: [], needs };
    if (this.#damage.hasLost(object, page.id)) return lost;
    try {
      return { ...await this.#costsOfEntries(await reader.entries(page), reader, needs), needs };
    } catch (error) {
      if (error instanceof CorruptionError) return lost;
      throw error;
    }
  }

  async #costsOfEntries(entries: readonly Entry[], reader: PageReader, needs: Set<string>) {
    const costs: Cost[] = [];
    const links = [];
    for (const entry of entries) {
      const object = await this.#lostWith(entry, reader, needs);
      if (object !== undefined) costs.push({ object, path: entry.path });
      if (entry.hardlink !== undefined) links.push({ path: entry.path, first: entry.hardlink });
    }
    return { costs, links };
  }

  /** The damaged object that costs the contents of `entry`; adds those that it needs at all to `needs`. */
  async #lostWith(
    { chunks = [], lists = [] }: Entry,
    reader: PageReader,
    needs: Set<string>,
  ): Promise<string | undefined> {
    let object = this.#lostAmong(chunks, "blobs", needs) ?? this.#lostAmong(lists, "pages", needs);
    for (const list of lists) {
      const damaged = this.#lostAmong(await this.#list(list, reader), "blobs", needs);
      object ??= damaged;
    }
    return object;
  }

  #lostAmong(places: readonly Place[], kind: BlobKind, needs: Set<string>): string | undefined {
    let object: string | undefined;
    for (const { blob, id } of places) {
      const name = blobName(kind, blob);
      const isNamed = this.#sizes.has(name);
      if (isNamed && !this.#damaged[kind].has(blob)) continue;
      if (this.#damage.has(name)) needs.add(name);
      if (!isNamed || this.#damage.hasLost(name, id)) object ??= name;
    }
    return object;
  }

  async #list(list: Place, reader: PageReader): Promise<readonly Place[]> {
    try {
      return await reader.list(list);
    } catch (error) {
      if (error instanceof CorruptionError || error instanceof NotFoundError) return [];
      throw error;
    }
  }
}
