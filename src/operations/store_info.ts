import { CorruptionError, NotFoundError, RefusedError } from "../base/errors.ts";
import type { ListRef } from "../model/blob_list.ts";
import type { Manifest } from "../model/manifest.ts";
import {
  hostPrefix,
  parseContentName,
  snapshotOfMetadata,
  SNAPSHOTS_PREFIX,
  splitHostName,
} from "../model/names.ts";
import { monthlyCost, type Prices } from "../model/prices.ts";
import type { ObjectInfo } from "../store/store.ts";
import { BlobLists } from "../read/blob_lists.ts";
import { hostsOf, type HostTools, hostTools, namesKeyOf, trustedHostname } from "../read/hosts.ts";
import type { Tools } from "../read/tools.ts";
import { noIds } from "./prune/prune_plan.ts";
import { namesIn } from "../read/signed_manifest.ts";
import { eachManifest, rightNeeded, withoutManifests } from "../read/snapshots.ts";

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
  const seen = await inSight(tools);
  const hosts = new Map<string, Needed>();
  for (const host of seen.hosts) hosts.set(host.host, await readManifests(host));
  const kinds = new Tallies<string>(KINDS);
  const classes = new Tallies<string | undefined>();
  const garbage = new Tallies<"garbage">(["garbage"]);
  for await (const object of tools.store.list(seen.prefix, { signal: tools.signal })) {
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
    garbage: unreadable.length > 0 || needed.some(({ isListedOnly }) => isListedOnly)
      ? undefined
      : garbage.entries()[0]![1],
  };
}

/** Hosts that may be looked at, and what may be listed: the rights of a source end at its own directory. */
async function inSight(
  tools: Tools,
): Promise<{ readonly hosts: readonly HostTools[]; readonly prefix: string }> {
  try {
    return { hosts: await hostsOf(tools), prefix: "" };
  } catch (error) {
    if (!(error instanceof RefusedError) || tools.own === undefined) throw error;
    const own = hostTools(tools, tools.own);
    tools.report({
      kind: "warning",
      text: `Only ${own.store.location} is shown: the rest may not be listed`,
    });
    return { hosts: [own], prefix: hostPrefix(tools.own) };
  }
}

/** Where manifests may not be read, their number and their times are all that is known. */
async function readManifests(tools: HostTools): Promise<Needed> {
  const needed = new Needed(tools);
  try {
    for await (const found of eachManifest(tools)) {
      if (!("error" in found)) await needed.add(found.manifest);
      else if (!(found.error instanceof NotFoundError)) needed.unreadable.push(found.id);
    }
    return needed;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const listed = new Needed(tools);
    for (const { id, info } of await withoutManifests(tools)) listed.addListed(id, info.modified);
    tools.report({ kind: "warning", text: `Only what a listing tells is shown: ${rightNeeded(tools)}` });
    return listed;
  }
}

/** What the manifests of a host say together. */
class Needed {
  snapshots = 0;
  readonly unreadable: string[] = [];
  readonly #tools: HostTools;
  readonly #lists: BlobLists;
  readonly #ids = noIds();
  readonly #snapshotIds = new Set<string>();
  #newest: Pick<Manifest, "id" | "finishedAt"> & Partial<Manifest> | undefined;
  /** Whether it is not known what the manifests name. */
  isListedOnly = false;

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

  /** A snapshot of which the manifest may not be read. */
  addListed(id: string, stored: Date): void {
    this.snapshots++;
    this.isListedOnly = true;
    const finishedAt = stored.toISOString();
    if (this.#newest === undefined || finishedAt > this.#newest.finishedAt) this.#newest = { id, finishedAt };
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
      hostname: this.#hostname() ?? trustedHostname(this.#tools, host),
      snapshots: this.snapshots,
      newest: newest && {
        id: newest.id,
        at: newest.finishedAt,
        ageMs: now.getTime() - Date.parse(newest.finishedAt),
      },
    };
  }

  #hostname(): string | undefined {
    const { host } = this.#tools;
    const { id, names } = this.#newest ?? {};
    if (id === undefined || names === undefined) return undefined;
    return namesIn({ id, names, host }, namesKeyOf(this.#tools, host))?.hostname;
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
