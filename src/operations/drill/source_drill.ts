import { append } from "../../base/append.ts";
import { delay } from "../../base/clock.ts";
import type { Random } from "../../base/chance.ts";
import { EnvironmentError } from "../../base/errors.ts";
import { isIndexDamage } from "../../index/database.ts";
import type { Index } from "../../index/index.ts";
import type { Place } from "../../model/entry.ts";
import {
  snapshotName,
  snapshotOfManifest,
  snapshotOfSnapshot,
  SNAPSHOTS_PREFIX,
  timeOfSnapshot,
} from "../../model/names.ts";
import { displayPath } from "../../model/path.ts";
import { ENOENT } from "../../platform/libc.ts";
import { SystemError } from "../../platform/read.ts";
import { openExisting } from "../check_index.ts";
import type { HostTools } from "../../read/hosts.ts";
import { ObjectProgress } from "../object_progress.ts";
import { type DrillLimits, type DrillSummary, summaryOf } from "./drill_summary.ts";
import { DrillFindings } from "./findings.ts";
import { compareLive } from "./live_file.ts";
import { type Chunker, type CutFile, locateCut } from "./large_file.ts";
import { drawFromIndex, type SampledFile, type SourceSample } from "./source_sample.ts";
import { compareBlobs } from "./stored_blobs.ts";

export interface SourceDrillOptions extends DrillLimits {
  readonly indexPath: string;
  /** Source sets. */
  readonly names: readonly string[];
  readonly chunker: Chunker;
  /** What is drawn depends on it alone. */
  readonly random: Random;
}

/** A backup may have the index: how often, and how often in all, it is asked for. */
const RETRY_MS = 500;
const RETRIES = 120;

/**
 * A drill on the machine that is backed up, without a key: files that have not changed since the last backup are read and compared with the
 * hashes of their chunks, the chunks with the index, and their blobs with what the store states. Throws `NotFoundError` without an index.
 */
export async function drillSource(tools: HostTools, options: SourceDrillOptions): Promise<DrillSummary> {
  const startedAt = tools.now();
  const findings = new DrillFindings();
  await compareSnapshots(tools, options.names, findings);
  const { files, pages } = await sample(tools, options, findings);
  const progress = new ObjectProgress(tools, "drill", {
    objects: Math.min(options.files, files.length),
    bytes: 0,
  });
  const { chunks, cut } = compareFiles(files, options, findings, progress);
  if (cut.length > 0) {
    using index = await openUnused(options.indexPath, tools.signal);
    append(chunks, locateCut(index, cut, findings));
  }
  if (findings.files === 0 && findings.problems.length === 0 && findings.unchecked.length === 0) {
    findings.leaveOut(
      "the last backup",
      "has no file that can be compared: all have changed since, or are empty",
    );
  }
  await compareBlobs(
    tools,
    { blobs: chunks, pages },
    { maxBytes: options.bytes, random: options.random },
    findings,
  );
  return summaryOf(findings, { host: tools.host, kind: "source" }, startedAt, tools.now());
}

/** The store and the index know the same newest snapshot; an index that was put back from a copy does not. */
async function compareSnapshots(
  { store, signal, lastMade }: HostTools,
  names: readonly string[],
  findings: DrillFindings,
): Promise<void> {
  const made = lastMade?.() ?? [];
  const known = made.map(({ id }) => id);
  if (known.length === 0) return;
  // By time, not by id: of two that were begun in one second the index remembers the last, and chance orders their ids.
  const newestAt = known.map(timeOfSnapshot).reduce((one, other) => Math.max(one, other));
  const stored: string[] = [];
  const sealed = new Set<string | undefined>();
  for await (const { name } of store.list(SNAPSHOTS_PREFIX, { signal })) {
    sealed.add(snapshotOfSnapshot(name));
    const id = snapshotOfManifest(name);
    if (id !== undefined && (timeOfSnapshot(id) > newestAt || known.includes(id))) stored.push(id);
  }
  for (const { id } of made.filter(({ name }) => names.includes(name))) {
    if (!stored.includes(id)) findings.leaveOut(id, GONE);
    else if (!sealed.has(id)) findings.problem(snapshotName(id), "is missing");
    else findings.snapshots.push(id);
  }
  const newer = stored.filter((id) => !known.includes(id));
  if (newer.length === 0) return;
  const state = `is in the store, and the index does not know it: the index is older than that; ` +
    "vaultik index rebuild, or a backup, puts it right";
  findings.problem(newer.at(-1)!, state);
}

async function sample(
  tools: HostTools,
  { indexPath, names, files, random }: SourceDrillOptions,
  findings: DrillFindings,
): Promise<SourceSample> {
  using index = await openUnused(indexPath, tools.signal);
  try {
    if (index.replaced !== undefined) throw new Error(index.replaced);
    return drawFromIndex(index, names, files, random, findings);
  } catch (error) {
    if (index.replaced === undefined && !isIndexDamage(error)) throw error;
    findings.problem(indexPath, `is damaged: ${(error as Error).message}; the next backup makes it again`);
    return { files: [], pages: [] };
  }
}

async function openUnused(indexPath: string, signal: AbortSignal): Promise<Index> {
  for (let left = RETRIES;; left--) {
    try {
      return openExisting(indexPath);
    } catch (error) {
      if (!(error instanceof EnvironmentError) || left === 0) throw error;
      await delay(RETRY_MS, signal);
    }
  }
}

/** The chunks of the files that were compared, and files of which the chunks are to be looked up. */
function compareFiles(
  sampled: readonly SampledFile[],
  { files, bytes, chunker, random }: SourceDrillOptions,
  findings: DrillFindings,
  progress: ObjectProgress,
): { readonly chunks: Place[]; readonly cut: readonly CutFile[] } {
  const chunks: Place[] = [];
  const cut: CutFile[] = [];
  const options = { maxBytes: Math.ceil(bytes / files), chunker, random };
  for (const file of sampled) {
    if (findings.files === files || findings.bytes >= bytes) break;
    const path = displayPath(file.entry.path);
    progress.begin(path);
    try {
      const compared = compareLive(file, options);
      if (compared.is === "changed") {
        findings.changed++;
        continue;
      }
      findings.files++;
      findings.bytes += compared.bytes;
      if (compared.is === "cut") cut.push({ path, chunks: compared.chunks });
      else append(chunks, compared.chunks);
      if (compared.is === "other") findings.problem(path, OTHER);
      progress.add({ isFault: compared.is === "other" });
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (error.code === ENOENT) findings.changed++;
      else findings.leaveOut(path, `cannot be read: ${error.message}`);
    }
  }
  return { chunks, cut };
}

const GONE =
  "is the last snapshot that was made here, and is not in the store: it was removed, or the store has lost it";
const OTHER = "has other bytes than were backed up, though its size and times are the same: " +
  "its disk has changed it, or the index is not of this backup";
