import * as v from "valibot";
import { CorruptionError } from "../base/errors.ts";
import { hostIdOf } from "./host_id.ts";
import { Count, parseVersioned, Time } from "./json.ts";
import { isRunId, isSnapshotId } from "./names.ts";

const DRILL_VERSION = 2;

/** Stored bytes of a record at most. */
export const DRILL_STORED_MAX = 8 * 1024;

/** Snapshots that a record names at most: one of each source set. */
export const DRILL_SNAPSHOTS_MAX = 64;

/** `source`: files of the host were compared with what the store states. `restore`: files were restored and compared. */
export const DRILL_KINDS = ["source", "restore"] as const;
export type DrillKind = typeof DRILL_KINDS[number];

/** `incomplete`: not all that was to be looked at could be. */
export const DRILL_RESULTS = ["good", "incomplete", "damaged"] as const;
export type DrillResult = typeof DRILL_RESULTS[number];

/** What came of a drill, for whoever may read the store: counts, and no names. */
export interface DrillRecord {
  /** Also its name in the store. */
  readonly id: string;
  readonly host: string;
  readonly kind: DrillKind;
  /** When it ended, by the clock of the machine that made it. */
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly result: DrillResult;
  readonly snapshots: readonly string[];
  /** Compared, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Objects of the store that were looked at. */
  readonly objects: number;
  /** Things that were found wrong. */
  readonly problems: number;
}

/** The JSON text that is signed; `hostKey` is the public key. */
export function encodeDrill(record: DrillRecord, hostKey: string): string {
  const { finishedAt, durationMs, ...rest } = record;
  return JSON.stringify({
    vaultik_drill: DRILL_VERSION,
    ...rest,
    finished_at: finishedAt,
    duration_ms: durationMs,
    host_key: hostKey,
  });
}

const DrillSchema = v.object({
  id: v.pipe(v.string(), v.check(isRunId)),
  host: v.string(),
  kind: v.picklist(DRILL_KINDS),
  finished_at: Time,
  duration_ms: Count,
  result: v.picklist(DRILL_RESULTS),
  snapshots: v.pipe(v.array(v.pipe(v.string(), v.check(isSnapshotId))), v.maxLength(DRILL_SNAPSHOTS_MAX)),
  files: Count,
  bytes: Count,
  objects: Count,
  problems: Count,
  host_key: v.string(),
});

/**
 * The record in `text`, of which the signature was checked: it must be the one that `expected` says. Throws `CorruptionError`,
 * `UsageError` where a newer program wrote it.
 */
export function decodeDrill(
  text: string,
  expected: Pick<DrillRecord, "host" | "kind" | "id">,
): DrillRecord {
  const json = parseVersioned(text, "vaultik_drill", DRILL_VERSION, DrillSchema);
  const { finished_at: finishedAt, duration_ms: durationMs, host_key: hostKey, ...rest } = json;
  if (rest.host !== expected.host || hostIdOf(hostKey) !== expected.host) {
    throw new CorruptionError("it is that of another host");
  }
  if (rest.id !== expected.id || rest.kind !== expected.kind) {
    throw new CorruptionError(`it is that of drill ${rest.id}`);
  }
  return { ...rest, finishedAt, durationMs };
}
