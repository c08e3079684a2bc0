import { CorruptionError, ExistsError, LockedError, UsageError } from "../../base/errors.ts";
import type { IdSet } from "../../base/id_set.ts";
import { readAhead } from "../../base/read_ahead.ts";
import { VOID_MANIFEST } from "../../model/manifest.ts";
import { type BlobKind, blobName, manifestName } from "../../model/names.ts";
import type { Tools } from "../options.ts";
import { metadataLeftovers, pruneLeftovers, stalled } from "./leftovers.ts";
import { listMetadata, type SnapshotObjects } from "./metadata.ts";
import type { NamedObjects } from "./named_objects.ts";
import { writeRecords } from "./records.ts";
import type { PruneOptions, PruneSurvey } from "./survey.ts";

/** Removals under way at a time: each is a request. */
const REMOVALS = 16;

export interface PruneSummary {
  /** Blobs deleted, and condemned to be deleted by a later prune. */
  readonly blobsRemoved: number;
  readonly blobsCondemned: number;
  /** Other objects: what interruptions had left. */
  readonly leftoversRemoved: number;
}

/**
 * Throws where `survey` found what speaks against deleting anything: `CorruptionError` where snapshots lack objects,
 * `UsageError` where hosts cannot see what is condemned.
 */
export function checkSurvey({ plan: { missing }, named }: PruneSurvey): void {
  if (missing.length > 0) {
    throw new CorruptionError(
      `Cannot prune: snapshots need ${missing.length} objects that are not there, as "${missing[0]}"; ` +
        "vaultik snapshot verify says which, vaultik repair heals what can be healed",
    );
  }
  const [blind] = named.blindHosts;
  if (blind === undefined) return;
  throw new UsageError(
    `Cannot prune: backups of "${blind}" cannot see what a prune condemns; let its credentials list and read prune/, ` +
      "and make a backup there",
  );
}

/**
 * Carries out a survey: condemns, then deletes what was condemned a grace time ago and is still unnamed. Wherever this ends, and whatever
 * backups and prunes run meanwhile, a listed snapshot is whole (FORMAT.md, "Deletion", has the argument). Safe to repeat.
 */
export async function executePrune(
  tools: Tools,
  survey: PruneSurvey,
  options: PruneOptions,
): Promise<PruneSummary> {
  checkSurvey(survey);
  const { plan, named, prune, now } = survey;
  const times = { now, graceMs: options.graceMs };
  for (const name of survey.damagedRecords) {
    tools.report({
      kind: "warning",
      text: `"${name}" is damaged and is removed: what it condemned starts anew`,
    });
  }
  await writeRecords(tools, plan.condemn, now);
  const metadata = await fence(tools, named, times);
  const unnamed = (kind: BlobKind) => stillUnnamed(kind, plan.remove[kind], named.ids[kind]);
  const blobsRemoved = await removeAll(tools, [...unnamed("blobs"), ...unnamed("pages")]);
  const leftoversRemoved = await removeAll(tools, [
    ...metadataLeftovers(metadata, times),
    ...survey.damagedRecords,
    ...pruneLeftovers(prune.records, prune.others, times),
  ]);
  return { blobsRemoved, blobsCondemned: plan.condemned.objects, leftoversRemoved };
}

/**
 * Reads the manifests that were written since, and bars the way to those that might still come from runs that have not seen our records:
 * in the place of the manifest of every publication that stands still, a void is put, create-only.
 */
async function fence(
  tools: Tools,
  named: NamedObjects,
  times: { readonly now: Date; readonly graceMs: number },
): Promise<SnapshotObjects[]> {
  const { store, signal } = tools;
  const metadata = await listMetadata(tools);
  await named.read(metadata);
  const pending = stalled(metadata, times);
  if (pending.length === 0) return metadata;
  for (const { id } of pending) {
    try {
      await store.put(manifestName(id), VOID_MANIFEST, { createOnly: true, signal });
    } catch (error) {
      if (!(error instanceof ExistsError)) throw error;
    }
  }
  const fenced = await listMetadata(tools);
  await named.read(fenced);
  return fenced;
}

function* stillUnnamed(kind: BlobKind, ids: IdSet, named: IdSet): Generator<string> {
  for (const id of ids) if (!named.has(id)) yield blobName(kind, id);
}

/** How many of them are gone. What a lock keeps is told of, and stays for a later prune. */
async function removeAll({ store, signal, report }: Tools, names: readonly string[]): Promise<number> {
  let locked = 0;
  const remove = async (name: string) => {
    try {
      await store.remove(name, { signal });
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      locked++;
    }
  };
  for await (const _ of readAhead(names, REMOVALS, remove));
  if (locked > 0) {
    report({ kind: "note", text: `${locked} objects are locked and stay until a prune after that` });
  }
  return names.length - locked;
}
