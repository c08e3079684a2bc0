import { CorruptionError, RefusedError } from "../../base/errors.ts";
import { manifestName, SNAPSHOTS_PREFIX } from "../../model/names.ts";
import { HeaderOpener, type Identity } from "../../seal/age.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import { hostFaults } from "../host_faults.ts";
import type { HostTools } from "../../read/hosts.ts";
import { StoreSource } from "../../read/store_source.ts";
import { rightNeeded, withoutManifests } from "../../read/snapshots.ts";
import { CheckMemory } from "./check_memory.ts";
import { CostFinder } from "./costs.ts";
import { DamageMap } from "./damage.ts";
import { compareStated } from "./stated.ts";
import { DeepCheck } from "./deep.ts";
import { chosenManifests } from "./chosen.ts";
import { compareListing, NeededObjects } from "../../read/needed_objects.ts";
import { type Problem, toProblems } from "./problems.ts";

export interface VerifyOptions {
  /** None means all. */
  readonly snapshotIds: readonly string[];
  /** Fetch, open and hash; otherwise what a listing tells. */
  readonly deep?: {
    readonly identities: readonly Identity[];
    /** Look at this part of the blobs only, 0 to 1; all pages are read. */
    readonly sample?: number;
  };
  /** Ask the store for the SHA-256 that it has of each object. */
  readonly checksums?: boolean;
  /** Threads that fetch, open and hash. */
  readonly readers: number;
  /** The index that remembers what was checked, where there is one. */
  readonly indexPath?: string;
}

export interface VerifySummary {
  readonly snapshots: readonly string[];
  readonly deep: boolean;
  /** Objects that the snapshots need, and their stored bytes. */
  readonly objects: number;
  readonly bytes: number;
  /** Objects that were fetched, opened and hashed. */
  readonly objectsRead: number;
  readonly problems: readonly Problem[];
}

/** Checks that snapshots are whole: that all they need is there with the right size, or (deep) that all its bytes are right. */
export async function verifySnapshots(given: HostTools, options: VerifyOptions): Promise<VerifySummary> {
  // What is kept here says nothing of the bytes in the store.
  const tools = options.deep === undefined ? given : { ...given, cache: undefined };
  const needed = new NeededObjects(new BlobLists(tools));
  const damage = new DamageMap();
  const isNamed = options.snapshotIds.length > 0;
  const manifests = chosenManifests(tools, options.snapshotIds, (id, error) => {
    if (error instanceof CorruptionError) damage.note(manifestName(id), error.message, "all");
    else if (isNamed) throw error;
  });
  try {
    for await (const manifest of manifests) await needed.add(manifest);
  } catch (error) {
    throw error instanceof RefusedError ? await refused(tools, error) : error;
  }
  for (const [name, fault] of needed.faults) damage.note(name, fault, "all");
  const { faults, withoutManifest } = await compareListing(tools, needed.sizes);
  for (const [name, fault] of faults) damage.note(name, fault, fault === "is missing" ? "all" : []);
  if (!isNamed) {
    warnOf(tools, withoutManifest);
    if (needed.snapshots.length > 0) await noteHost(tools, damage);
  }
  if (options.checksums) await noteStated(tools, needed, damage, faults);
  const deep = options.deep === undefined ? undefined : await goDeep(tools, options, needed, damage);
  return {
    snapshots: needed.snapshots,
    deep: deep !== undefined,
    objects: needed.sizes.size,
    bytes: needed.bytes,
    objectsRead: deep?.objectsRead ?? 0,
    problems: await toProblems(tools, needed.snapshots, damage, deep?.costs),
  };
}

/** Tells what a listing does, and what the rest needs. */
async function refused(tools: HostTools, cause: RefusedError): Promise<RefusedError> {
  const { length } = await withoutManifests(tools);
  warnOf(tools, (await compareListing(tools, new Map())).withoutManifest);
  return new RefusedError(
    `Cannot verify ${tools.store.location}: it lists ${length} snapshots, but ${rightNeeded(tools)}. ` +
      "vaultik index check, on the machine that is backed up, compares what it has stored by a listing alone",
    { cause },
  );
}

function warnOf(tools: HostTools, withoutManifest: readonly string[]): void {
  for (const id of withoutManifest) {
    const text =
      `"${SNAPSHOTS_PREFIX}${id}/" has no manifest: a backup was cut off there, or the manifest was lost`;
    tools.report({ kind: "warning", text });
  }
}

async function noteHost(tools: HostTools, damage: DamageMap): Promise<void> {
  for (const [name, fault] of await hostFaults(tools)) damage.note(name, fault, "all");
}

async function noteStated(
  tools: HostTools,
  needed: NeededObjects,
  damage: DamageMap,
  known: ReadonlyMap<string, string>,
): Promise<void> {
  const names = [...needed.sizes.keys()].filter((name) => !known.has(name));
  const { faults, unknown } = await compareStated(tools, names);
  for (const [name, fault] of faults) damage.note(name, fault, []);
  if (unknown === 0) return;
  const text = `${tools.store.location} states no SHA-256 of ${unknown} objects; only --deep can check those`;
  tools.report({ kind: "warning", text });
}

async function goDeep(
  tools: HostTools,
  { deep, readers, indexPath }: VerifyOptions,
  needed: NeededObjects,
  damage: DamageMap,
): Promise<{ objectsRead: number; costs: CostFinder["costs"] }> {
  const opener = new HeaderOpener(deep!.identities);
  const source = new StoreSource(tools, opener);
  const memory = new CheckMemory(tools, indexPath);
  const check = new DeepCheck(tools, source, needed, damage, {
    opener,
    readers,
    sample: deep!.sample,
    checkedMs: memory.times,
    onChecked: ({ kind, id }, fault) => memory.add({ kind, id, fault }),
  });
  try {
    await check.run();
  } finally {
    await memory.close();
  }
  const finder = new CostFinder(tools, source, opener, damage, needed.sizes);
  if (damage.size > 0) { for (const id of needed.snapshots) await finder.add(id); }
  return { objectsRead: check.objectsRead, costs: finder.costs };
}
