import { randomBytes } from "node:crypto";
import { sha256Hex } from "../../base/digest.ts";
import { CorruptionError, NotFoundError, RefusedError } from "../../base/errors.ts";
import {
  decodeDrill,
  DRILL_KINDS,
  DRILL_SNAPSHOTS_MAX,
  DRILL_STORED_MAX,
  type DrillKind,
  type DrillRecord,
  encodeDrill,
} from "../../model/drill_record.ts";
import { addSignature } from "../../model/manifest.ts";
import {
  drillName,
  DRILLS_PREFIX,
  ID_RANDOM_BYTES,
  parseDrillName,
  runId,
  timeOfSnapshot,
} from "../../model/names.ts";
import { publicKeyOf, signText } from "../../seal/signature.ts";
import type { ObjectInfo } from "../../store/store.ts";
import type { HostTools } from "../../read/hosts.ts";
import { openSigned } from "../../read/signed_manifest.ts";
import type { DrillSummary } from "./drill_summary.ts";

/** Of each kind: those that are looked at, and that a prune leaves. */
export const RECORDS_KEPT = 20;

/** Keeps what came of a drill in the store, signed; only ever adds an object. Throws `RefusedError`. */
export async function recordDrill(
  { store, signal }: HostTools,
  summary: DrillSummary,
  signingKey: string,
): Promise<void> {
  const { host, kind, finishedAt, durationMs, result, snapshots, files, bytes, objects, problems } = summary;
  const id = runId(new Date(finishedAt), randomBytes(ID_RANDOM_BYTES));
  const record: DrillRecord = {
    ...{ id, host, kind, finishedAt, durationMs, result, files, bytes, objects },
    snapshots: snapshots.slice(-DRILL_SNAPSHOTS_MAX),
    problems: problems.length,
  };
  const text = encodeDrill(record, publicKeyOf(signingKey));
  const signed = new TextEncoder().encode(addSignature(text, signText(text, signingKey)) + "\n");
  await store.put(drillName(kind, id), signed, { signal, sha256: sha256Hex(signed), createOnly: true });
}

/** What the store has of the drills of one kind. */
export interface KnownDrills {
  readonly last: StoredDrill;
  /** The newest one that found nothing wrong, among the {@link RECORDS_KEPT} newest. */
  readonly lastGood: StoredDrill | undefined;
}

export interface StoredDrill extends DrillRecord {
  /** By the store's clock. */
  readonly storedAt: string;
}

/**
 * The drills of a host. A record that cannot be read, or is not signed by it, is passed over with a warning. Where records may not be read
 * there are none.
 */
export async function knownDrills(tools: HostTools): Promise<Partial<Record<DrillKind, KnownDrills>>> {
  const newest = await newestRecords(tools);
  const known: Partial<Record<DrillKind, KnownDrills>> = {};
  for (const kind of DRILL_KINDS) {
    const found = await newestOf(tools, kind, newest[kind].reverse());
    if (found !== undefined) known[kind] = found;
  }
  return known;
}

/** Names tell the second only: of one second all are read. */
async function newestOf(
  tools: HostTools,
  kind: DrillKind,
  newestFirst: readonly ObjectInfo[],
): Promise<KnownDrills | undefined> {
  let last: StoredDrill | undefined;
  let lastGood: StoredDrill | undefined;
  for (const info of newestFirst) {
    if (lastGood !== undefined && secondOf(info.name) < secondOf(drillName(kind, lastGood.id))) break;
    const drill = await readRecord(tools, kind, info);
    if (drill === undefined) continue;
    last = later(last, drill);
    if (drill.result === "good") lastGood = later(lastGood, drill);
  }
  return last && { last, lastGood };
}

function secondOf(name: string): number {
  return timeOfSnapshot(parseDrillName(name)!.id);
}

function later(one: StoredDrill | undefined, other: StoredDrill): StoredDrill {
  return one === undefined || Date.parse(one.finishedAt) < Date.parse(other.finishedAt) ? other : one;
}

/** By kind, oldest first. */
async function newestRecords({ store, signal }: HostTools): Promise<Record<DrillKind, ObjectInfo[]>> {
  const newest: Record<DrillKind, ObjectInfo[]> = { source: [], restore: [] };
  for await (const info of store.list(DRILLS_PREFIX, { signal })) {
    const kind = kindOf(info);
    if (kind === undefined) continue;
    newest[kind].push(info);
    if (newest[kind].length > RECORDS_KEPT) newest[kind].shift();
  }
  return newest;
}

function kindOf({ name }: ObjectInfo): DrillKind | undefined {
  return DRILL_KINDS.find((kind) => kind === parseDrillName(name)?.kind);
}

async function readRecord(
  { store, signal, report, host }: HostTools,
  kind: DrillKind,
  { name, modified }: ObjectInfo,
): Promise<StoredDrill | undefined> {
  try {
    const stored = await store.get(name, { signal, maxBytes: DRILL_STORED_MAX });
    if (stored.at(-1) !== 0x0a) throw new CorruptionError("it is cut short");
    const text = openSigned(stored.subarray(0, -1), host);
    const { id } = parseDrillName(name)!;
    return { ...decodeDrill(text, { host, kind, id }), storedAt: modified.toISOString() };
  } catch (error) {
    if (error instanceof RefusedError || error instanceof NotFoundError) return undefined;
    if (!(error instanceof CorruptionError)) throw error;
    report({ kind: "warning", text: `"${store.location}/${name}" is not used: ${error.message}` });
    return undefined;
  }
}

/** Names of records that a prune removes: all but the newest of each kind. */
export async function oldRecords({ store, signal }: HostTools): Promise<string[]> {
  const names: Record<DrillKind, string[]> = { source: [], restore: [] };
  for await (const info of store.list(DRILLS_PREFIX, { signal })) {
    const kind = kindOf(info);
    if (kind !== undefined) names[kind].push(info.name);
  }
  return DRILL_KINDS.flatMap((kind) => names[kind].slice(0, -RECORDS_KEPT));
}
