import { NotFoundError, RefusedError } from "../base/errors.ts";
import { hostPrefix, splitHostName } from "../model/names.ts";
import { monthlyCost, type Prices } from "../model/prices.ts";
import { hostsOf, type HostTools, hostTools } from "../read/hosts.ts";
import { eachManifest, rightNeeded, withoutManifests } from "../read/snapshots.ts";
import type { Tools } from "../read/tools.ts";
import type { ObjectInfo } from "../store/store.ts";
import { type HostInfo, Needed } from "./needed_bytes.ts";

export interface Tally {
  readonly objects: number;
  readonly bytes: number;
}

export interface ClassTally extends Tally {
  /** `undefined` where the store tells none. */
  readonly storageClass: string | undefined;
  readonly monthlyCost: number | undefined;
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
