import { CONTENT_KINDS, parseContentName } from "../../model/names.ts";
import type { HostTools } from "../../read/hosts.ts";
import { storeNow } from "../../write/store_clock.ts";
import { ObjectProgress } from "../object_progress.ts";
import { listMetadata } from "./metadata.ts";
import { NamedObjects } from "./named_objects.ts";
import { type IdsByKind, noIds, type PrunePlan, PrunePlanner } from "./prune_plan.ts";
import { listPruneObjects, type PruneObjects, readRecord } from "./records.ts";

export interface PruneOptions {
  /** How long a blob must have been there, and then marked for deletion, before it is deleted. */
  readonly graceMs: number;
  /** No younger blob is marked for deletion. */
  readonly minAgeMs: number;
  /** Writes nothing, not even to ask the store for the time. */
  readonly dryRun: boolean;
}

/** What a prune has found, and what it would do. */
export interface PruneSurvey {
  readonly now: Date;
  readonly plan: PrunePlan;
  readonly named: NamedObjects;
  readonly prune: PruneObjects;
  /** Records that are not what was written. */
  readonly damagedRecords: readonly string[];
}

/** Snapshots that are removed while they are looked at make another look necessary; that often in a row is no accident. */
const LOOKS_MAX = 5;

/**
 * Plans a prune of one host. Needs no key and reads no blob: lists its directory, and reads manifests, lists and records.
 * Throws `CorruptionError` at a manifest that cannot be read.
 */
export async function surveyPrune(tools: HostTools, options: PruneOptions): Promise<PruneSurvey> {
  const now = options.dryRun ? tools.now() : await storeNow(tools);
  const prune = await listPruneObjects(tools);
  const { due, waiting, damagedRecords } = await readRecords(tools, prune, { now, graceMs: options.graceMs });
  for (let look = 1;; look++) {
    const named = new NamedObjects(tools);
    await named.read(await listMetadata(tools));
    const planner = new PrunePlanner({ now, named: named.ids, lost: named.lost, due, waiting, ...options });
    await listBlobs(tools, planner);
    const plan = planner.plan();
    // What is missing may be so because its snapshot has gone since.
    if (plan.missing.length === 0 || look === LOOKS_MAX || named.isStillSo(await listMetadata(tools))) {
      return { now, plan, named, prune, damagedRecords };
    }
  }
}

async function listBlobs(tools: HostTools, planner: PrunePlanner): Promise<void> {
  const { store, signal } = tools;
  const progress = new ObjectProgress(tools, "survey");
  for (const kind of CONTENT_KINDS) {
    for await (const { name, size, modified } of store.list(`${kind}/`, { signal })) {
      const blob = parseContentName(name);
      if (blob !== undefined) planner.add({ ...blob, sizeBytes: size, modified });
      progress.add({ bytes: size });
    }
  }
}

async function readRecords(
  tools: HostTools,
  { records }: PruneObjects,
  { now, graceMs }: { readonly now: Date; readonly graceMs: number },
): Promise<{ due: IdsByKind; waiting: IdsByKind; damagedRecords: string[] }> {
  const due = noIds();
  const waiting = noIds();
  const damagedRecords: string[] = [];
  for (const { name, modified } of records) {
    const record = await readRecord(tools, name);
    if (record === "damaged") damagedRecords.push(name);
    if (record === "damaged" || record === undefined) continue;
    const ids = now.getTime() - modified.getTime() >= graceMs ? due : waiting;
    for (const kind of CONTENT_KINDS) for (const id of record[kind]) ids[kind].addText(id);
  }
  return { due, waiting, damagedRecords };
}
