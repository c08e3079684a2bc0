import { NotFoundError } from "../base/errors.ts";
import type { Manifest } from "../model/manifest.ts";
import { METADATA_PREFIX, parseBlobName, snapshotOfMetadata } from "../model/names.ts";
import { monthlyCost, type Prices } from "../model/prices.ts";
import type { ObjectInfo } from "../store/store.ts";
import type { Tools } from "./options.ts";
import { noIds } from "./prune/prune_plan.ts";
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
  /** The key that signs for it. */
  readonly key: string;
  readonly snapshots: number;
  readonly newestId: string;
  readonly newestAt: string;
  readonly newestAgeMs: number;
}

export interface StoreInfo {
  readonly location: string;
  readonly objects: number;
  readonly bytes: number;
  /** `blobs`, `pages`, `metadata`, `prune`, and `other` for what is none of ours. */
  readonly kinds: readonly (Tally & { readonly kind: string })[];
  readonly classes: readonly ClassTally[];
  /** What the numbers of cost are; `undefined` where no prices are known. */
  readonly prices: string | undefined;
  readonly monthlyCost: number | undefined;
  readonly snapshots: number;
  /** Snapshots of hosts that are not trusted; they are counted nowhere else, but what they need is needed. */
  readonly untrusted: number;
  /** Manifests that cannot be read. */
  readonly unreadable: readonly string[];
  /** By name. */
  readonly hosts: readonly HostInfo[];
  /** What no manifest names; `undefined` where one cannot be read. A backup that is running counts until its manifest is there. */
  readonly garbage: Tally | undefined;
}

const KINDS = ["blobs", "pages", "metadata", "prune", "other"];

/** What is in the store, whose it is and what it costs; needs no key. Reads every manifest, and lists once. */
export async function storeInfo(tools: Tools, prices?: Prices): Promise<StoreInfo> {
  const needed = await readManifests(tools);
  const kinds = new Tallies<string>(KINDS);
  const classes = new Tallies<string | undefined>();
  const garbage = new Tallies<"garbage">(["garbage"]);
  for await (const object of tools.store.list("", { signal: tools.signal })) {
    const [kind] = object.name.split("/");
    kinds.add(KINDS.includes(kind) ? kind : "other", object);
    classes.add(object.storageClass, object);
    if (needed.isGarbage(object)) garbage.add("garbage", object);
  }
  const priced = classes.entries().map(([storageClass, tally]) => ({
    storageClass,
    ...tally,
    monthlyCost: prices && monthlyCost(tally.bytes, storageClass, prices),
  }));
  const all = kinds.entries();
  return {
    location: tools.store.location,
    objects: sum(all.map(([, { objects }]) => objects)),
    bytes: sum(all.map(([, { bytes }]) => bytes)),
    kinds: all.map(([kind, tally]) => ({ kind, ...tally })),
    classes: priced,
    prices: prices?.basis,
    monthlyCost: prices && sum(priced.map(({ monthlyCost }) => monthlyCost ?? 0)),
    snapshots: needed.snapshots,
    untrusted: needed.untrusted,
    unreadable: needed.unreadable,
    hosts: needed.hosts(tools.now()),
    garbage: needed.unreadable.length > 0 ? undefined : garbage.entries()[0][1],
  };
}

async function readManifests(tools: Tools): Promise<Needed> {
  const needed = new Needed();
  for await (const found of eachManifest(tools)) {
    if ("error" in found) {
      if (!(found.error instanceof NotFoundError)) needed.unreadable.push(found.id);
    } else needed.add(found.manifest, found.isTrusted);
  }
  return needed;
}

/** What the manifests of a store say together. */
class Needed {
  snapshots = 0;
  untrusted = 0;
  readonly unreadable: string[] = [];
  readonly #ids = noIds();
  readonly #snapshotIds = new Set<string>();
  readonly #hosts = new Map<
    string,
    { host: string; key: string; snapshots: number; id: string; at: string }
  >();

  add(manifest: Manifest, isTrusted: boolean): void {
    this.#snapshotIds.add(manifest.id);
    for (const [id] of manifest.blobs) this.#ids.blobs.addText(id);
    for (const [id] of manifest.pages) this.#ids.pages.addText(id);
    if (!isTrusted) this.untrusted++;
    else {
      this.snapshots++;
      this.#addHost(manifest);
    }
  }

  hosts(now: Date): HostInfo[] {
    return [...this.#hosts.values()].sort((a, b) => (a.host < b.host ? -1 : 1))
      .map(({ host, key, snapshots, id, at }) => ({
        host,
        key,
        snapshots,
        newestId: id,
        newestAt: at,
        newestAgeMs: now.getTime() - Date.parse(at),
      }));
  }

  isGarbage({ name }: ObjectInfo): boolean {
    const blob = parseBlobName(name);
    if (blob !== undefined) return !this.#ids[blob.kind].has(blob.id);
    return name.startsWith(METADATA_PREFIX) && !this.#snapshotIds.has(snapshotOfMetadata(name) ?? "");
  }

  #addHost({ id, hostname, hostKey, finishedAt }: Manifest): void {
    const name = `${hostname} ${hostKey}`;
    const host = this.#hosts.get(name) ?? { host: hostname, key: hostKey, snapshots: 0, id, at: finishedAt };
    host.snapshots++;
    if (finishedAt > host.at) Object.assign(host, { id, at: finishedAt });
    this.#hosts.set(name, host);
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
