import { Index } from "../../index/index.ts";
import { blobName, manifestName, parseBlobName, snapshotName } from "../../model/names.ts";
import { silent } from "../../report/events.ts";
import { HeaderOpener } from "../../seal/age.ts";
import { backUp } from "../backup/backup.ts";
import { loadHostKey } from "../backup/host.ts";
import { openExisting } from "../check_index.ts";
import type { BackupOptions, Tools } from "../options.ts";
import { StoreSource } from "../restore/writers.ts";
import { CostFinder } from "../verify/costs.ts";
import type { DamageMap } from "../verify/damage.ts";
import { type Problem, toProblems } from "../verify/problems.ts";
import { type AffectedFile, affectedFiles } from "./affected_files.ts";
import { withoutObjects } from "./healed_manifest.ts";
import { storeKeptPages } from "./kept_pages.ts";
import { OwnManifests } from "./own_manifests.ts";
import { Relocation } from "./relocation.ts";
import { restoreMetadata } from "./restored_metadata.ts";
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
  readonly identities?: readonly string[];
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
  /** Older snapshots that were told where their chunks are now. */
  readonly healed: readonly string[];
  /** What is wrong still. */
  readonly left: readonly Problem[];
}

/**
 * Heals what the store has lost from the files of this host, without a key: their chunks are stored afresh by backups, and
 * manifests of older snapshots are written anew to say where these chunks are now. A lost object itself cannot be made again, since its
 * name is the hash of bytes that were encrypted with a key that nobody kept. May be repeated at any time.
 */
export async function repair(tools: Tools, options: RepairOptions): Promise<RepairSummary> {
  const { indexPath } = options.backups[0];
  const { known, copies } = withIndex(
    indexPath,
    (index) => ({ known: index.checks.damaged(), copies: index.copies.all() }),
  );
  const survey = await surveyStore(tools, known, copies.map(({ id }) => id));
  if (options.deep && options.identities !== undefined) {
    await openStore(tools, survey, options.readers, options.identities);
  } else if (options.deep) await hashStore(tools, survey, options.readers);
  const problems = await toProblems(tools, [], survey.damage, undefined);
  const plan = withIndex(indexPath, (index) => planOf(index, survey.damage, problems));
  options.onPlan?.(plan);
  if (options.dryRun || !withIndex(indexPath, (index) => canHeal(index, plan))) {
    const finder = await findCosts(tools, options, survey);
    const left = await toProblems(tools, [], survey.damage, finder?.costs);
    return { ...plan, dryRun: options.dryRun, backups: [], healed: [], left };
  }
  const restored = await restoreMetadata(tools, copies, survey.damage);
  const own = new OwnManifests(tools, loadHostKey(indexPath).signingKey);
  const done = await heal(tools, options, survey, plan, own);
  const after = await surveyAgain(tools, survey);
  const finder = await findCosts(tools, options, after);
  const released = finder === undefined ? [] : await release(own, after, finder);
  withIndex(indexPath, (index) => index.copies.forget([...done.healed, ...released]));
  const left = await toProblems(tools, [], after.damage, finder?.costs);
  const healed = [...new Set([...restored, ...done.healed, ...released])];
  return { ...plan, ...done, healed, dryRun: false, left };
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

/** Whether there is something to store afresh, or an earlier repair was cut off. */
function canHeal(index: Index, { known, problems }: RepairPlan): boolean {
  const lost = new Set(index.lost.blobs().map(({ kind, id }) => blobName(kind, id)));
  for (const { id } of index.copies.all()) lost.add(manifestName(id)).add(snapshotName(id));
  return known.length > 0 || index.setting(BEGUN) !== undefined ||
    problems.some(({ object }) => lost.has(object));
}

async function heal(
  tools: Tools,
  options: RepairOptions,
  { damage, gone }: Survey,
  { known }: RepairPlan,
  own: OwnManifests,
) {
  const [{ indexPath, recipients, compressionLevel }] = options.backups;
  if (known.length > 0) await lose(tools, options, damage);
  const backups: string[] = [];
  if (withIndex(indexPath, (index) => index.setting(BEGUN)) !== undefined) {
    for (const backup of options.backups) backups.push((await backUp(tools, backup)).id);
  }
  using index = openExisting(indexPath);
  index.unset(BEGUN);
  const relocation = new Relocation(tools, index, own, { recipients, compressionLevel });
  return { backups, healed: await relocation.run(damage, gone) };
}

/** Makes the index forget the lost blobs, so that backups store what was in them; pages that it has itself are stored at once. */
async function lose(tools: Tools, { backups }: RepairOptions, damage: DamageMap): Promise<void> {
  const [{ indexPath, recipients, compressionLevel }] = backups;
  using index = openExisting(indexPath);
  const numbers = knownBlobs(index, damage).map(({ number }) => number);
  const uploads = await storeKeptPages(tools, index, numbers, { recipients, compressionLevel });
  index.set(BEGUN, "");
  index.lose(numbers);
  for (const upload of uploads) index.blobs.finish(upload);
  index.blobs.sortIn();
}

/** After the repair: damage that a listing does not show counts as long as a snapshot names the object. */
async function surveyAgain(tools: Tools, before: Survey): Promise<Survey> {
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
  tools: Tools,
  { identities }: RepairOptions,
  { needed, damage }: Survey,
): Promise<CostFinder | undefined> {
  if (identities === undefined) return undefined;
  const opener = new HeaderOpener(identities);
  const finder = new CostFinder(tools, new StoreSource(tools, opener, needed.sizes), opener, damage);
  if (damage.size > 0) { for (const id of needed.snapshots) await finder.add(id); }
  return finder;
}

/** Lets snapshots go free of damaged objects that they need nothing of, now that the key has told. */
function release(own: OwnManifests, { damage }: Survey, { costs, needs }: CostFinder): Promise<string[]> {
  const unread = new Set(
    [...costs].flatMap(([name, paths]) => name.startsWith("blobs/") ? [] : [...paths.values()].flat()),
  );
  return own.replace((manifest) => {
    const needed = needs.get(manifest.id);
    // Where not all of a snapshot could be read, what it needs is not known.
    if (needed === undefined || unread.has(manifest.id)) return undefined;
    return withoutObjects(manifest, new Set([...damage.keys()].filter((name) => !needed.has(name))));
  });
}
