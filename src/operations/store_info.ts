import { CorruptionError, NotFoundError } from "../base/errors.ts";
import type { ListRef } from "../model/blob_list.ts";
import type { Manifest } from "../model/manifest.ts";
import { parseContentName, snapshotOfMetadata, SNAPSHOTS_PREFIX, splitHostName } from "../model/names.ts";
import { monthlyCost, type Prices } from "../model/prices.ts";
import type { ObjectInfo } from "../store/store.ts";
import { BlobLists } from "./blob_lists.ts";
import { hostsOf, type HostTools, namesKeyOf, trustedHostname } from "./hosts.ts";
import type { Tools } from "./options.ts";
import { noIds } from "./prune/prune_plan.ts";
import { namesIn } from "./signed_manifest.ts";
import { eachManifest } from "./snapshots.ts";

export interface Tally {
  readonly objects: number;
  readonly bytes: number;
}

export interface ClassTally extends Tally {
  /** `undefined` where the store tells none. */
  readonly storageClass: string | undefined;
  readonly monthlyCost: number | undefined;
}

export interface HostInfo {
  readonly host: string;
  /** Where it is known here. */
  readonly hostname: string | undefined;
  readonly snapshots: number;
  /** Missing where it has no snapshot that can be read. */
  readonly newest: { readonly id: string; readonly at: string; readonly ageMs: number } | undefined;
}

export interface StoreInfo {
  readonly location: string;
  readonly objects: number;
  readonly bytes: number;
  /** `blobs`, `pages`, `lists`, `snapshots`, `prune`, and `other` for what is none of these. */
  readonly kinds: readonly (Tally & { readonly kind: string })[];
  readonly classes: readonly ClassTally[];
  /** What the numbers of cost are; `undefined` where no prices are known. */
  readonly prices: string | undefined;
  readonly monthlyCost: number | undefined;
  readonly snapshots: number;
  /** Manifests that cannot be read. */
  readonly unreadable: readonly string[];
  readonly hosts: readonly HostInfo[];
  /** What no manifest names; `undefined` where one cannot be read. A backup that is running counts until its manifest is there. */
  readonly garbage: Tally | undefined;
}

const KINDS = ["blobs", "pages", "lists", "snapshots", "prune", "other"];

/** What is in the store, whose it is and what it costs; needs no key. Reads every manifest, and lists once. */
export async function storeInfo(tools: Tools, prices?: Prices): Promise<StoreInfo> {
  const hosts = new Map<string, Needed>();
  for (const host of await hostsOf(tools)) hosts.set(host.host, await readManifests(host));
  const kinds = new Tallies<string>(KINDS);
  const classes = new Tallies<string | undefined>();
  const garbage = new Tallies<"garbage">(["garbage"]);
  for await (const object of tools.store.list("", { signal: tools.signal })) {
    const split = splitHostName(object.name);
    const kind = split?.rest.split("/")[0] ?? "";
    kinds.add(KINDS.includes(kind) ? kind : "other", object);
    classes.add(object.storageClass, object);
    if (split !== undefined && hosts.get(split.host)?.isGarbage(split.rest)) garbage.add("garbage", object);
  }
  const priced = classes.entries().map(([storageClass, tally]) => ({
    storageClass,
    ...tally,
    monthlyCost: prices && monthlyCost(tally.bytes, storageClass, prices),
  }));
  const all = kinds.entries();
  const needed = [...hosts.values()];
  const unreadable = needed.flatMap(({ unreadable }) => unreadable);
  return {
    location: tools.store.location,
    objects: sum(all.map(([, { objects }]) => objects)),
    bytes: sum(all.map(([, { bytes }]) => bytes)),
    kinds: all.map(([kind, tally]) => ({ kind, ...tally })),
    classes: priced,
    prices: prices?.basis,
    monthlyCost: prices && sum(priced.map(({ monthlyCost }) => monthlyCost ?? 0)),
    snapshots: sum(needed.map(({ snapshots }) => snapshots)),
    unreadable,
    hosts: needed.map((one) => one.info(tools.now())),
    garbage: unreadable.length > 0 ? undefined : garbage.entries()[0][1],
  };
}

async function readManifests(tools: HostTools): Promise<Needed> {
  const needed = new Needed(tools);
  for await (const found of eachManifest(tools)) {
    if (!("error" in found)) await needed.add(found.manifest);
    else if (!(found.error instanceof NotFoundError)) needed.unreadable.push(found.id);
  }
  return needed;
}

/** What the manifests of a host say together. */
class Needed {
  snapshots = 0;
  readonly unreadable: string[] = [];
  readonly #tools: HostTools;
  readonly #lists: BlobLists;
  readonly #ids = noIds();
  readonly #snapshotIds = new Set<string>();
  #newest: Manifest | undefined;

  constructor(tools: HostTools) {
    this.#tools = tools;
    this.#lists = new BlobLists(tools);
  }

  async add(manifest: Manifest): Promise<void> {
    this.snapshots++;
    this.#snapshotIds.add(manifest.id);
    if (this.#newest === undefined || manifest.finishedAt > this.#newest.finishedAt) this.#newest = manifest;
    try {
      for (const list of manifest.lists) await this.#addList(list);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      this.unreadable.push(manifest.id);
    }
    for (const [kind, id] of manifest.tail) this.#ids[kind].addText(id);
  }

  async #addList(list: ListRef): Promise<void> {
    if (this.#ids.lists.has(list[0])) return;
    for (const [kind, id] of await this.#lists.read(list)) this.#ids[kind].addText(id);
    this.#ids.lists.addText(list[0]);
  }

  info(now: Date): HostInfo {
    const { host } = this.#tools;
    const newest = this.#newest;
    return {
      host,
      hostname: (newest && namesIn(newest, namesKeyOf(this.#tools, host))?.hostname) ??
        trustedHostname(this.#tools, host),
      snapshots: this.snapshots,
      newest: newest && {
        id: newest.id,
        at: newest.finishedAt,
        ageMs: now.getTime() - Date.parse(newest.finishedAt),
      },
    };
  }

  /** Whether nothing needs the object `name` of the host's directory. */
  isGarbage(name: string): boolean {
    const content = parseContentName(name);
    if (content !== undefined) return !this.#ids[content.kind].has(content.id);
    return name.startsWith(SNAPSHOTS_PREFIX) && !this.#snapshotIds.has(snapshotOfMetadata(name) ?? "");
  }
}

/** Counts objects by a key, in the order of `keys` and then as they are first seen. */
class Tallies<Key> {
  readonly #tallies: Map<Key, { objects: number; bytes: number }>;

  constructor(keys: readonly Key[] = []) {
    this.#tallies = new Map(keys.map((key) => [key, { objects: 0, bytes: 0 }]));
  }

  add(key: Key, { size }: ObjectInfo): void {
    const tally = this.#tallies.get(key) ?? { objects: 0, bytes: 0 };
    tally.objects++;
    tally.bytes += size;
    this.#tallies.set(key, tally);
  }

  entries(): [Key, Tally][] {
    return [...this.#tallies];
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
