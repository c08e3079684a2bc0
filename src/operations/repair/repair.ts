import { atLeast } from "../../base/at_least.ts";
import { NotFoundError } from "../../base/errors.ts";
import { Index } from "../../index/index.ts";
import type { MetadataCopy } from "../../index/metadata_copies.ts";
import type { HostKeys } from "../../model/host_keys.ts";
import { blobName, isHostObject, manifestName, parseBlobName, snapshotName } from "../../model/names.ts";
import { silent } from "../../report/events.ts";
import { HeaderOpener, type Identity } from "../../seal/age.ts";
import { backUp } from "../backup/backup.ts";
import { hostOf } from "../../read/sealed_keys.ts";
import { readHostKeys } from "../host_keys.ts";
import { openExisting } from "../check_index.ts";
import { type HostTools, hostTools } from "../../read/hosts.ts";
import type { BackupOptions } from "../backup/options.ts";
import type { Tools } from "../../read/tools.ts";
import { StoreSource } from "../../read/store_source.ts";
import { CostFinder } from "../verify/costs.ts";
import type { DamageMap } from "../verify/damage.ts";
import { type Problem, toProblems } from "../verify/problems.ts";
import { type AffectedFile, affectedFiles } from "./affected_files.ts";
import { withoutObjects } from "./healed_manifest.ts";
import { storeKeptPages } from "./kept_pages.ts";
import { OwnManifests } from "./own_manifests.ts";
import { Relocation } from "./relocation.ts";
import { restoreHost, restoreMetadata } from "./restored_metadata.ts";
import { hashStore, openStore, type Survey, surveyStore } from "./survey.ts";

/** Setting: blobs were forgotten, and the backups that store what was in them are not all made. */
const BEGUN = "repair_begun";

export interface RepairOptions {
  /** All snapshots that are configured for this host. */
  readonly backups: readonly BackupOptions[];
  /** Fetch and hash every object first; otherwise what a listing and earlier checks tell. */
  readonly deep: boolean;
  /** Threads that fetch and hash. */
  readonly readers: number;
  /** To name the files that cannot be healed. */
  readonly identities?: readonly Identity[];
  readonly dryRun: boolean;
  /** Called before anything is changed. */
  readonly onPlan?: (plan: RepairPlan) => void;
}

export interface RepairPlan {
  /** What is wrong, and which snapshots need it. */
  readonly problems: readonly Problem[];
  /** Blobs of which the index knows what was in them. */
  readonly known: readonly string[];
  /** Files of the last backups that have data in those. */
  readonly files: readonly AffectedFile[];
}

export interface RepairSummary extends RepairPlan {
  readonly dryRun: boolean;
  /** New snapshots, whole with all that the files hold now. */
  readonly backups: readonly string[];
  /** Older snapshots that were written again to say where their chunks are now. */
  readonly healed: readonly string[];
  /** What is wrong still. */
  readonly left: readonly Problem[];
}

/**
 * Heals what the store has lost from the files of this host, without a key: their chunks are stored again by backups, and
 * manifests of older snapshots are written again to say where these chunks are now. A lost object itself cannot be made again, since its
 * name is the hash of bytes that were encrypted with a key that no one kept. May be repeated at any time.
 */
export async function repair(root: Tools, options: RepairOptions): Promise<RepairSummary> {
  const [{ indexPath }] = atLeast(1, options.backups);
  const copies = withIndex(indexPath, (index) => index.copies.all());
  const keys = keysBeside(indexPath);
  const tools = hostTools(root, hostOf(keys));
  const survey = await look(tools, options, copies);
  const problems = await toProblems(tools, [], survey.damage, undefined);
  const plan = withIndex(indexPath, (index) => planOf(index, survey.damage, problems));
  options.onPlan?.(plan);
  if (options.dryRun || !withIndex(indexPath, (index) => canHeal(index, plan))) {
    const finder = await findCosts(tools, options, survey);
    const left = await toProblems(tools, [], survey.damage, finder?.costs);
    return { ...plan, dryRun: options.dryRun, backups: [], healed: [], left };
  }
  const restored = await restoreMetadata(tools, copies, survey.damage);
  await restoreHost(tools, keys, options.backups[0]!, survey.damage);
  const own = new OwnManifests(tools, keys.signingKey);
  const done = await heal(root, tools, options, survey, plan, own);
  const after = await surveyAgain(tools, survey);
  const finder = await findCosts(tools, options, after);
  const released = finder === undefined ? [] : await release(own, after, finder);
  withIndex(indexPath, (index) => index.copies.forget([...done.healed, ...released]));
  const left = await toProblems(tools, [], after.damage, finder?.costs);
  const healed = [...new Set([...restored, ...done.healed, ...released])];
  return { ...plan, ...done, healed, dryRun: false, left };
}

/** The keys of this host: without them it would be another one. */
function keysBeside(indexPath: string): HostKeys {
  const keys = readHostKeys(indexPath);
  if (keys !== undefined) return keys;
  throw new NotFoundError(
    "Cannot repair: the keys of this host are lost; vaultik index rebuild with the identity puts them back",
  );
}

/** What is wrong, as far as it is wanted to be known. */
async function look(
  tools: HostTools,
  { backups, deep, readers, identities }: RepairOptions,
  copies: readonly MetadataCopy[],
): Promise<Survey> {
  const [{ indexPath }] = atLeast(1, backups);
  const known = withIndex(indexPath, (index) => index.checks.damaged());
  // What is kept here says nothing of the bytes in the store.
  const from = deep ? { ...tools, cache: undefined } : tools;
  const survey = await surveyStore(from, known, copies.map(({ id }) => id));
  if (deep && identities !== undefined) await openStore(from, survey, readers, identities);
  else if (deep) await hashStore(from, survey, readers);
  return survey;
}

function withIndex<T>(indexPath: string, work: (index: Index) => T): T {
  using index = openExisting(indexPath);
  return work(index);
}

function planOf(index: Index, damage: DamageMap, problems: readonly Problem[]): RepairPlan {
  const lost = knownBlobs(index, damage);
  return {
    problems,
    known: lost.map(({ kind, id }) => blobName(kind, id)).sort(),
    files: affectedFiles(index, new Set(lost.map(({ number }) => number))),
  };
}

function knownBlobs(index: Index, damage: DamageMap) {
  return index.blobs.all().filter(({ kind, id }) => damage.has(blobName(kind, id)));
}

/** Whether there is something to store again, or an earlier repair was cut off. */
function canHeal(index: Index, { known, problems }: RepairPlan): boolean {
  const lost = new Set(index.lost.blobs().map(({ kind, id }) => blobName(kind, id)));
  for (const { id } of index.copies.all()) lost.add(manifestName(id)).add(snapshotName(id));
  return known.length > 0 || index.setting(BEGUN) !== undefined ||
    problems.some(({ object }) => lost.has(object) || isHostObject(object));
}

async function heal(
  root: Tools,
  tools: HostTools,
  options: RepairOptions,
  { damage, gone }: Survey,
  { known }: RepairPlan,
  own: OwnManifests,
) {
  const [{ indexPath, recipients, compressionLevel }] = atLeast(1, options.backups);
  if (known.length > 0) await lose(tools, options, damage);
  const backups: string[] = [];
  if (withIndex(indexPath, (index) => index.setting(BEGUN)) !== undefined) {
    for (const backup of options.backups) backups.push((await backUp(root, backup)).id);
  }
  using index = openExisting(indexPath);
  index.unset(BEGUN);
  const relocation = new Relocation(tools, index, own, { recipients, compressionLevel });
  return { backups, healed: await relocation.run(damage, gone) };
}

/** Makes the index forget the lost blobs, so that backups store what was in them; pages that it has itself are stored at once. */
async function lose(tools: HostTools, { backups }: RepairOptions, damage: DamageMap): Promise<void> {
  const [{ indexPath, recipients, compressionLevel }] = atLeast(1, backups);
  using index = openExisting(indexPath);
  const numbers = knownBlobs(index, damage).map(({ number }) => number);
  const uploads = await storeKeptPages(tools, index, numbers, { recipients, compressionLevel });
  index.set(BEGUN, "");
  index.lose(numbers);
  for (const upload of uploads) index.blobs.finish(upload);
  index.blobs.sortIn();
}

/** After the repair: damage that a listing does not show counts as long as a snapshot names the object. */
async function surveyAgain(tools: HostTools, before: Survey): Promise<Survey> {
  const after = await surveyStore({ ...tools, report: silent }, [], []);
  for (const [name, { state, lost }] of before.damage) {
    if (parseBlobName(name) === undefined || after.needed.sizes.has(name)) {
      after.damage.note(name, state, lost);
    }
  }
  return after;
}

/** What the damage costs; `undefined` where no key is given. */
async function findCosts(
  tools: HostTools,
  { identities }: RepairOptions,
  { needed, damage }: Survey,
): Promise<CostFinder | undefined> {
  if (identities === undefined) return undefined;
  const opener = new HeaderOpener(identities);
  const finder = new CostFinder(tools, new StoreSource(tools, opener), opener, damage, needed.sizes);
  if (damage.size > 0) { for (const id of needed.snapshots) await finder.add(id); }
  return finder;
}

/** Lets snapshots go free of damaged objects that they need nothing of, now that the key has shown it. */
function release(own: OwnManifests, { damage }: Survey, { costs, needs }: CostFinder): Promise<string[]> {
  const unread = new Set(
    [...costs].flatMap(([name, paths]) => name.startsWith("blobs/") ? [] : [...paths.values()].flat()),
  );
  return own.replace((full) => {
    const { manifest } = full;
    const needed = needs.get(manifest.id);
    // Where not all of a snapshot could be read, what it needs is not known.
    if (needed === undefined || unread.has(manifest.id)) return undefined;
    return withoutObjects(full, new Set([...damage.keys()].filter((name) => !needed.has(name))));
  });
}
