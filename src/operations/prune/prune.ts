import { CorruptionError, ExistsError, UnavailableError, UsageError } from "../../base/errors.ts";
import type { IdSet } from "../../base/id_set.ts";
import { VOID_MANIFEST } from "../../model/manifest.ts";
import { CONTENT_KINDS, type ContentKind, contentName, manifestName } from "../../model/names.ts";
import { oldRecords } from "../drill/records.ts";
import type { HostTools } from "../../read/hosts.ts";
import { removeObjects } from "../../store/remove_objects.ts";
import { ObjectProgress } from "../object_progress.ts";
import { metadataLeftovers, pruneLeftovers, stalled } from "./leftovers.ts";
import { listMetadata, type SnapshotObjects } from "./metadata.ts";
import type { NamedObjects } from "./named_objects.ts";
import { writeRecords } from "./records.ts";
import type { PruneOptions, PruneSurvey } from "./survey.ts";

export interface PruneSummary {
  /** Blobs and lists deleted, and marked to be deleted by a later prune. */
  readonly blobsRemoved: number;
  readonly blobsMarked: number;
  /** Other objects: what interruptions had left. */
  readonly leftoversRemoved: number;
}

/**
 * Throws where `survey` found what speaks against deleting anything: `CorruptionError` where snapshots lack objects,
 * `UsageError` where the host cannot see what is marked.
 */
export function checkSurvey({ plan: { missing }, named, damagedRecords }: PruneSurvey): void {
  if (missing.length > 0) {
    throw new CorruptionError(
      `Cannot prune: snapshots need ${missing.length} objects that are not there, as "${missing[0]}"; ` +
        "vaultik snapshot verify says which, vaultik repair heals what can be healed",
    );
  }
  // A damaged record makes backups blind until it is gone.
  if (!named.isBlind || damagedRecords.length > 0) return;
  throw new UsageError(
    "Cannot prune: backups of this host cannot see what a prune marks for deletion; let its credentials list and read " +
      "prune/ in its directory, and make a backup there",
  );
}

/**
 * Carries out a survey: removes damaged records, marks, then deletes what was marked a grace time ago and is still unnamed. Wherever this ends, and whatever
 * backups and prunes run meanwhile, a listed snapshot is whole (FORMAT.md, "Deletion", has the argument). Safe to repeat. Where
 * backups were blind for a damaged record, it deletes nothing else, with a warning.
 */
export async function executePrune(
  tools: HostTools,
  survey: PruneSurvey,
  options: PruneOptions,
): Promise<PruneSummary> {
  checkSurvey(survey);
  const { plan, named, prune, now } = survey;
  const times = { now, graceMs: options.graceMs };
  const damagedRemoved = await removeDamaged(tools, survey.damagedRecords);
  if (named.isBlind) {
    tools.report({
      kind: "warning",
      text:
        "Nothing else of this host is deleted: its last backup could not read that; prune again after the next backup",
    });
    return { blobsRemoved: 0, blobsMarked: 0, leftoversRemoved: damagedRemoved };
  }
  await writeRecords(tools, plan.mark, now);
  const drills = await oldRecords(tools);
  // Nothing comes between this and the deletion of what it lets go.
  const metadata = await fence(tools, named, times);
  const unnamed = CONTENT_KINDS.flatMap((
    kind,
  ) => [...stillUnnamed(kind, plan.remove[kind], named.ids[kind])]);
  const { clocks, expired } = pruneLeftovers(prune.records, prune.others, times);
  const leftovers = [...metadataLeftovers(metadata, times), ...clocks, ...drills];
  const total = { objects: unnamed.length + leftovers.length + expired.length, bytes: 0 };
  const progress = new ObjectProgress(tools, "prune", total);
  const blobsRemoved = await removeAll(tools, unnamed, progress);
  const leftoversRemoved = await removeAll(tools, leftovers, progress) +
    await removeInOrder(tools, expired, progress);
  return {
    blobsRemoved,
    blobsMarked: plan.marked.objects,
    leftoversRemoved: damagedRemoved + leftoversRemoved,
  };
}

/** How many of them are gone. */
async function removeDamaged(tools: HostTools, records: readonly string[]): Promise<number> {
  for (const name of records) {
    tools.report({
      kind: "warning",
      text:
        `"${tools.store.location}/${name}" is damaged and is removed: the grace period of what it marked begins again`,
    });
  }
  return await removeAll(tools, records);
}

/**
 * Reads the manifests that were written since, and bars the way to those that might still come from runs that have not seen our records:
 * in the place of the manifest of every publication that stands still, a void is put, create-only.
 */
async function fence(
  tools: HostTools,
  named: NamedObjects,
  times: { readonly now: Date; readonly graceMs: number },
): Promise<SnapshotObjects[]> {
  const { store, signal } = tools;
  const metadata = await listMetadata(tools);
  await named.read(metadata);
  const pending = stalled(metadata, times);
  if (pending.length === 0) return metadata;
  const taken: string[] = [];
  for (const { id } of pending) {
    try {
      await store.put(manifestName(id), VOID_MANIFEST, { createOnly: true, signal });
    } catch (error) {
      if (!(error instanceof ExistsError)) throw error;
      taken.push(id);
    }
  }
  const fenced = await listMetadata(tools);
  await checkListed(tools, fenced, taken);
  await named.read(fenced);
  return fenced;
}

/** Throws where the place of a manifest is taken and a listing does not show by what: what else it leaves out is not known. */
async function checkListed(
  { store, signal }: HostTools,
  listed: readonly SnapshotObjects[],
  taken: readonly string[],
): Promise<void> {
  const shown = new Set(
    listed.filter(({ manifest, void: voided }) => manifest !== undefined || voided !== undefined)
      .map(({ id }) => id),
  );
  for (const name of taken.filter((id) => !shown.has(id)).map(manifestName)) {
    if (await store.size(name, { signal }) === undefined) continue;
    throw new UnavailableError(
      `Cannot prune: ${store.location} does not list "${name}", which it has; try again when its listing is complete`,
    );
  }
}

function* stillUnnamed(kind: ContentKind, ids: IdSet, named: IdSet): Generator<string> {
  for (const id of ids) if (!named.has(id)) yield contentName(kind, id);
}

/** How many of them are gone. What a lock keeps is reported, and stays for a later prune. */
async function removeAll(
  { store, signal, report }: HostTools,
  names: readonly string[],
  progress?: ObjectProgress,
): Promise<number> {
  const locked = await removeObjects(store, names, { signal, onDone: () => progress?.add() });
  if (locked.length > 0) {
    report({ kind: "note", text: `${locked.length} objects are locked and stay until a prune after that` });
  }
  return names.length - locked.length;
}

/** As {@link removeAll}, each when the one before is gone. */
async function removeInOrder(
  tools: HostTools,
  names: readonly string[],
  progress: ObjectProgress,
): Promise<number> {
  let removed = 0;
  for (const name of names) {
    if (await removeAll(tools, [name], progress) === 0) break;
    removed++;
  }
  return removed;
}
