import { atLeast } from "../../base/at_least.ts";
import type { Random } from "../../base/chance.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath, normalizePath, type Path, pathOf, typedPath } from "../../model/path.ts";
import { SystemError } from "../../platform/read.ts";
import type { Identity } from "../../seal/age.ts";
import { type BrowsedSnapshot, type Opener, openForBrowsing } from "../browse/open_snapshot.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { RestoreOptions } from "../restore/options.ts";
import type { ResolvedSnapshot } from "../../read/resolve.ts";
import { ObjectProgress } from "../object_progress.ts";
import { readBack } from "../restore/read_back.ts";
import { restore } from "../restore/restore.ts";
import { type DrillLimits, type DrillSummary, summaryOf } from "./drill_summary.ts";
import { DrillFindings } from "./findings.ts";
import { drawFromSnapshot, orProblem } from "./restore_sample.ts";
import { isSameAsLive } from "./same_bytes.ts";
import { Scratch } from "./scratch.ts";
import { type VerifyCommand, verifyRestored } from "./verify_command.ts";

export interface RestoreDrillOptions extends DrillLimits {
  readonly identities: readonly Identity[];
  readonly opener: Opener;
  /** Paths that are restored whatever is drawn, as they are typed; files, or directories with all that is in them. */
  readonly canaries: readonly string[];
  readonly verify: readonly VerifyCommand[];
  /** Where the directory for what is restored is made. */
  readonly scratch?: string;
  /** Threads. */
  readonly writers: number;
  /** All that is restored belongs to who restores. */
  readonly noOwner: boolean;
  /** What is drawn depends on it alone. */
  readonly random: Random;
}

/**
 * A drill with the identity: files of these snapshots of one host, drawn at random, and what is asked for by name are restored to a directory
 * of their own, read again, compared with the files of this machine where it is the host, and looked at by commands. Throws `UsageError` for
 * a wrong identity, `EnvironmentError` where this machine cannot take what is restored.
 */
export async function drillRestore(
  snapshots: readonly ResolvedSnapshot[],
  options: RestoreDrillOptions,
): Promise<DrillSummary> {
  const [{ tools }] = atLeast(1, snapshots);
  const startedAt = tools.now();
  const findings = new DrillFindings();
  await using scratch = new Scratch(options.scratch);
  const restored = new Map<string, PartOfDrill>();
  for (const [i, { tools: all, id }] of snapshots.entries()) {
    // What this machine has kept says nothing of the store.
    const tools = { ...all, cache: undefined, ownCopy: undefined };
    const part = { tools, id, directory: `${scratch.path}/${i}`, share: snapshots.length };
    for (const path of await drillSnapshot(part, options, findings)) restored.set(path, part);
  }
  for (const path of wantedPaths(options)) {
    if (!restored.has(path)) findings.leaveOut(path, "is not in the newest snapshot");
  }
  const progress = new ObjectProgress(tools, "drill", { objects: options.verify.length, bytes: 0 });
  for (const command of options.verify) {
    progress.begin(command.path);
    const part = restored.get(command.path);
    if (part === undefined) continue;
    const where = { snapshotId: part.id, directory: part.directory, restored: part.directory + command.path };
    const fault = await verifyRestored(command, where, tools.signal);
    if (fault !== undefined) findings.problem(command.path, fault);
    progress.add({ isFault: fault !== undefined });
  }
  if (findings.files === 0 && findings.problems.length === 0) {
    findings.leaveOut("the newest snapshot", "has no file to restore");
  }
  return summaryOf(findings, { host: tools.host, kind: "restore" }, startedAt, tools.now());
}

/** A snapshot, and what this drill has to do with it. */
interface PartOfDrill {
  readonly tools: HostTools;
  readonly id: string;
  /** What is restored of it is below. */
  readonly directory: string;
  /** Of the limits it has one part of so many. */
  readonly share: number;
}

function wantedPaths({ canaries, verify }: RestoreDrillOptions): Set<string> {
  return new Set([...canaries, ...verify.map(({ path }) => path)]);
}

/** Those of the wanted paths that the snapshot has. */
async function drillSnapshot(
  { tools, id, directory, share }: PartOfDrill,
  options: RestoreDrillOptions,
  findings: DrillFindings,
): Promise<string[]> {
  findings.snapshots.push(id);
  const browsed = await orProblem(id, findings, () => openForBrowsing(options.opener, tools, id));
  if (browsed === undefined) return [];
  const limits = { files: Math.ceil(options.files / share), bytes: options.bytes / share };
  const drawn = await drawFromSnapshot(browsed, limits, options.random, findings);
  const wanted = await findWanted(browsed, options, findings);
  const paths = [...new Set([...drawn.map(({ path }) => displayPath(path)), ...wanted])];
  if (paths.length === 0) return wanted;
  const { identities, writers, noOwner } = options;
  const asked = { snapshotId: id, target: directory, paths, identities, writers, noOwner, noSpecial: true };
  await orProblem(id, findings, () => restoreAndReadBack(tools, asked, findings));
  if (tools.own === tools.host) drawn.forEach((entry) => compareWithLive(entry, directory, findings));
  return wanted;
}

async function findWanted(
  { entries }: BrowsedSnapshot,
  options: RestoreDrillOptions,
  findings: DrillFindings,
): Promise<string[]> {
  const found: string[] = [];
  for (const path of wantedPaths(options)) {
    const entry = await orProblem(path, findings, () => entries.find(normalizePath(typedPath(path))));
    if (entry !== undefined) found.push(path);
  }
  return found;
}

async function restoreAndReadBack(
  tools: HostTools,
  options: RestoreOptions,
  findings: DrillFindings,
): Promise<void> {
  const { files, bytes, objectsRead, damaged, failed } = await restore(tools, options);
  findings.files += files;
  findings.bytes += bytes;
  findings.objects += objectsRead;
  for (const { path, reason } of damaged) findings.problem(path, reason);
  for (const { path, reason } of failed) findings.leaveOut(path, reason);
  const { differing, unread } = await readBack(tools, options, { damaged, failed });
  for (const { path, reason } of differing) findings.problem(path, reason);
  for (const { path, reason } of unread) findings.leaveOut(path, reason);
}

function compareWithLive(entry: Entry, directory: string, findings: DrillFindings): void {
  const restored: Path = pathOf(directory) + entry.path;
  try {
    const isSame = isSameAsLive(entry, restored);
    if (isSame === undefined) findings.changed++;
    if (isSame === false) findings.problem(displayPath(entry.path), OTHER);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    findings.changed++; // gone, or not to be read: what was restored has the hash that the snapshot says
  }
}

const OTHER =
  "was restored as it was backed up, and the file of this machine has other bytes, though its size and time are the same: " +
  "its disk has changed it";
