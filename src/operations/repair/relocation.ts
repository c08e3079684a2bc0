import type { Index } from "../../index/index.ts";
import type { Place } from "../../model/entry.ts";
import { type NamedBlob, nameOf } from "../../model/blob_list.ts";
import { type BlobKind, blobName } from "../../model/names.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { DamageMap } from "../verify/damage.ts";
import { compareListing } from "../../read/needed_objects.ts";
import { healedManifest, type Move } from "./healed_manifest.ts";
import type { OwnManifests } from "./own_manifests.ts";
import type { SealOptions } from "./page_blob_writer.ts";
import { RelocationLists, type StoredList } from "./relocation_lists.ts";

/** A lost blob, and where the index has its chunks now. */
interface Found {
  readonly kind: BlobKind;
  readonly id: string;
  readonly isComplete: boolean;
  readonly places: readonly Place[];
}

/** Tells the snapshots of this host where the chunks of lost blobs are now. */
export class Relocation {
  readonly #tools: HostTools;
  readonly #index: Index;
  readonly #own: OwnManifests;
  readonly #seal: SealOptions;

  constructor(tools: HostTools, index: Index, own: OwnManifests, seal: SealOptions) {
    this.#tools = tools;
    this.#index = index;
    this.#own = own;
    this.#seal = seal;
  }

  /** Writes manifests again, where there is something to tell; the ids of their snapshots. */
  async run(damage: DamageMap, gone: ReadonlySet<string>): Promise<string[]> {
    const safe = await this.#safeBlobs(damage);
    const found = this.#index.lost.blobs().map(({ kind, id }) => this.#find(kind, id, safe));
    const writer = new RelocationLists(this.#tools, this.#seal);
    const needed = await this.#neededBlobs();
    for (const { id, kind, places } of found) {
      if (places.length > 0 && needed.has(blobName(kind, id))) await writer.add(id, places);
    }
    const lists = await writer.flush();
    const moves = found.map((one) => this.#toMove(one, lists, gone.has(blobName(one.kind, one.id))));
    const healed = await this.#own.replace((full) => healedManifest(full, moves));
    const stillNeeded = await this.#neededBlobs();
    this.#index.lost.drop(
      found.filter(({ kind, id }) => !stillNeeded.has(blobName(kind, id))).map(({ id }) => id),
    );
    return healed;
  }

  /** Blobs of the index that are there and sound. What a prune has marked for deletion the last backup has made the index forget. */
  async #safeBlobs(damage: DamageMap): Promise<ReadonlySet<string>> {
    const sizes = new Map(this.#index.blobs.all().map(({ kind, id, size }) => [blobName(kind, id), size]));
    const { faults } = await compareListing(this.#tools, sizes);
    return new Set([...sizes.keys()].filter((name) => !faults.has(name) && !damage.has(name)));
  }

  #find(kind: BlobKind, id: string, safe: ReadonlySet<string>): Found {
    const chunks = this.#index.lost.chunks(id);
    const places = chunks.flatMap((chunk) => {
      const place = this.#index.blobs.locate(kind, chunk);
      return place !== undefined && safe.has(blobName(kind, place.blob)) ? [place] : [];
    });
    return { kind, id, places, isComplete: places.length === chunks.length };
  }

  #toMove(
    { kind, id, places, isComplete }: Found,
    lists: ReadonlyMap<string, StoredList>,
    isGone: boolean,
  ): Move {
    const numbers = new Set(places.map(({ blob }) => this.#index.blobs.numberOf(blob)));
    const objects = [...this.#index.blobs.describe(numbers)].map((
      { kind, id, size },
    ): NamedBlob => [kind, id, size]);
    return { kind, id, isComplete, isGone, objects, list: lists.get(id) };
  }

  /** Names of the blobs that snapshots of this host name, or once named and have lost. */
  async #neededBlobs(): Promise<Set<string>> {
    const names = new Set<string>();
    for await (const { blobs, manifest: { lost = [] } } of this.#own.each()) {
      for (const blob of blobs) names.add(nameOf(blob));
      for (const name of lost) names.add(name);
    }
    return names;
  }
}
