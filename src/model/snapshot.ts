import * as v from "valibot";
import { CorruptionError } from "../base/errors.ts";
import { Count, parseVersioned, Time } from "./json.ts";
import type { StoredBlob } from "./blob_table.ts";
import { isSnapshotId } from "./names.ts";
import { fromRows, type KnownRef, type PageRef, PageRows, StoredBlobs, toRows } from "./page_refs.ts";

const SNAPSHOT_VERSION = 2;

export interface Totals {
  readonly files: number;
  readonly directories: number;
  readonly others: number;
  /** Plain bytes of all files. */
  readonly bytes: number;
}

/** Errors that a snapshot names at most, and their characters: readers take no very large ones. */
const ERRORS_MAX = 10_000;
const ERROR_CHARACTERS_MAX = 4 * 1024 * 1024;

type SnapshotErrors = Snapshot["errors"];

/** The errors that a snapshot names of all that there were; whether there were any the manifest says. */
export function namedErrors(errors: SnapshotErrors): SnapshotErrors {
  let left = ERROR_CHARACTERS_MAX;
  const tooMany = errors.findIndex((error) => (left -= charactersOf(error)) < 0);
  return errors.slice(0, tooMany < 0 ? ERRORS_MAX : Math.min(tooMany, ERRORS_MAX));
}

/** Whether there may have been more errors than `named`, those that a snapshot names: no path is so long that it alone fills the other half. */
export function mayLackErrors(named: SnapshotErrors): boolean {
  const characters = named.reduce((sum, error) => sum + charactersOf(error), 0);
  return named.length >= ERRORS_MAX || characters > ERROR_CHARACTERS_MAX / 2;
}

function charactersOf({ path, reason }: SnapshotErrors[number]): number {
  return path.length + reason.length;
}

/** Which entries are not as they were in an earlier snapshot, as pages of their own. */
export interface RecordedChanges {
  /** The id of that snapshot. */
  readonly since: string;
  /** Entries of that snapshot that are gone or were otherwise. */
  readonly before: PageRef;
  /** Entries of this one that are new or otherwise. */
  readonly after: PageRef;
}

/** What `snapshot.json.zst.age` holds. */
export interface Snapshot {
  readonly id: string;
  readonly host: string;
  readonly hostname: string;
  readonly name: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly roots: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly totals: Totals;
  readonly chunker: { readonly seed: string; readonly average: number };
  readonly errors: readonly { readonly path: string; readonly reason: string }[];
  /** Lists of pages, in order, and … */
  readonly pageLists: readonly PageRef[];
  /** … the pages that follow them. */
  readonly pages: readonly PageRef[];
  /** What was changed, where that is little. */
  readonly changes?: RecordedChanges;
}

export function encodeSnapshot(snapshot: Snapshot): string {
  const { pageLists, pages, changes } = snapshot;
  const recorded = changes === undefined ? [] : [changes.before, changes.after];
  const { blobs, rows } = toRows([...pageLists, ...pages, ...recorded]);
  const end = pageLists.length + pages.length;
  return JSON.stringify({
    vaultik_snapshot: SNAPSHOT_VERSION,
    id: snapshot.id,
    host: snapshot.host,
    hostname: snapshot.hostname,
    name: snapshot.name,
    started_at: snapshot.startedAt,
    finished_at: snapshot.finishedAt,
    roots: snapshot.roots,
    options: snapshot.options,
    totals: snapshot.totals,
    chunker: snapshot.chunker,
    errors: snapshot.errors,
    page_blobs: blobs,
    page_lists: rows.slice(0, pageLists.length),
    pages: rows.slice(pageLists.length, end),
    changes: changes && { since: changes.since, before: rows[end], after: rows[end + 1] },
  });
}

const ChangesSchema = v.object({
  since: v.pipe(v.string(), v.check(isSnapshotId)),
  before: v.unknown(),
  after: v.unknown(),
});

const TotalsSchema = v.object({ files: Count, directories: Count, others: Count, bytes: Count });

const SnapshotSchema = v.object({
  id: v.string(),
  host: v.string(),
  hostname: v.string(),
  name: v.string(),
  started_at: Time,
  finished_at: Time,
  roots: v.array(v.string()),
  options: v.record(v.string(), v.unknown()),
  totals: TotalsSchema,
  chunker: v.object({ seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), average: Count }),
  errors: v.array(v.object({ path: v.string(), reason: v.string() })),
  page_blobs: StoredBlobs,
  page_lists: PageRows,
  pages: PageRows,
  changes: v.optional(ChangesSchema),
});

/**
 * Inverse of {@link encodeSnapshot}; pages that are `known` and the same come from there. Throws `CorruptionError`, `UsageError` where a newer
 * program wrote it.
 */
export function decodeSnapshot(text: string, known?: KnownRef): Snapshot {
  const json = parseVersioned(text, "vaultik_snapshot", SNAPSHOT_VERSION, SnapshotSchema);
  const { started_at: startedAt, finished_at: finishedAt, page_blobs, page_lists, pages, changes, ...rest } =
    json;
  try {
    const refs = fromRows([...page_lists, ...pages], page_blobs, known);
    const pageLists = refs.slice(0, page_lists.length);
    return {
      ...{ ...rest, startedAt, finishedAt, pageLists, pages: refs.slice(page_lists.length) },
      ...changes && { changes: changesOf(changes, page_blobs) },
    };
  } catch (cause) {
    throw new CorruptionError("Cannot read snapshot: its list of pages is malformed", { cause });
  }
}

function changesOf(
  { since, before, after }: v.InferOutput<typeof ChangesSchema>,
  blobs: readonly StoredBlob[],
): RecordedChanges {
  const refOf = (row: unknown) => fromRows([row], blobs)[0]!;
  return { since, before: refOf(before), after: refOf(after) };
}
