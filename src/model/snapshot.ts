import { CorruptionError } from "../base/errors.ts";
import type { Place } from "./entry.ts";
import { type Path, pathOf, textOf } from "./path.ts";
import { fromBase64, fromLatin1, toBase64, toLatin1 } from "../base/bytes.ts";

const SNAPSHOT_VERSION = 1;

export interface Totals {
  readonly files: number;
  readonly directories: number;
  readonly others: number;
  /** Plain bytes of all files. */
  readonly bytes: number;
}

/** A page and where it is. */
export interface PageRef extends Place {
  readonly firstPath: Path;
  readonly entries: number;
}

/** What `snapshot.json.zst.age` holds. */
export interface Snapshot {
  readonly id: string;
  readonly hostId: string;
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
  readonly pages: readonly PageRef[];
}

export function encodeSnapshot(snapshot: Snapshot): string {
  const blobs = [...new Set(snapshot.pages.map((page) => page.blob))];
  const numbers = new Map(blobs.map((id, number) => [id, number]));
  const pages = snapshot.pages.map((page) => [
    textOf(page.firstPath) ?? [toBase64(fromLatin1(page.firstPath))],
    numbers.get(page.blob),
    page.offset,
    page.length,
    page.id,
    page.entries,
  ]);
  return JSON.stringify({
    vaultik_snapshot: SNAPSHOT_VERSION,
    id: snapshot.id,
    host_id: snapshot.hostId,
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
    pages,
  });
}

type PageRow = [string | [string], number, number, number, string, number];

/** Inverse of {@link encodeSnapshot}. Throws `CorruptionError`. */
export function decodeSnapshot(text: string): Snapshot {
  const json = parseVersioned(text, "vaultik_snapshot", SNAPSHOT_VERSION);
  return {
    id: json.id as string,
    hostId: json.host_id as string,
    hostname: json.hostname as string,
    name: json.name as string,
    startedAt: json.started_at as string,
    finishedAt: json.finished_at as string,
    roots: json.roots as string[],
    options: json.options as Record<string, unknown>,
    totals: json.totals as Totals,
    chunker: json.chunker as Snapshot["chunker"],
    errors: json.errors as Snapshot["errors"],
    pages: toPages(json.pages as PageRow[], json.page_blobs as string[]),
  };
}

function toPages(rows: readonly PageRow[], blobs: readonly string[]): PageRef[] {
  try {
    return rows.map(([first, number, offset, length, id, entries]) => {
      const firstPath = typeof first === "string" ? pathOf(first) : toLatin1(fromBase64(first[0]));
      const blob = blobs[number];
      if (blob === undefined) throw new RangeError(`there is no page blob number ${number}`);
      return { firstPath, blob, offset, length, id, entries };
    });
  } catch (error) {
    throw new CorruptionError("Cannot read snapshot: its list of pages is malformed", { cause: error });
  }
}

/** Parses a JSON object whose member `marker` must be `version`. Throws `CorruptionError`. */
export function parseVersioned(text: string, marker: string, version: number): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CorruptionError("Cannot read JSON: it is malformed", { cause: error });
  }
  const found = (json as Record<string, unknown> | null)?.[marker];
  if (found !== version) {
    throw new CorruptionError(`Cannot read JSON: "${marker}" is ${String(found)}, not ${version}`);
  }
  return json as Record<string, unknown>;
}
