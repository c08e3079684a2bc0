import { CorruptionError, NotFoundError, OtherKeyError } from "../base/errors.ts";
import { exitCodeOf } from "../base/exit_codes.ts";
import { formatCount, formatSize } from "../base/units.ts";
import type { Entry } from "../model/entry.ts";
import { entryJson } from "../model/entry_json.ts";
import { timeText } from "../model/entry_text.ts";
import { displayPath, type Path } from "../model/path.ts";
import { openForBrowsing } from "../operations/browse/open_snapshot.ts";
import {
  findVersions,
  type SnapshotRange,
  type Version,
  type Wanted,
} from "../operations/browse/versions.ts";
import { OpenedCache } from "../read/opened_cache.ts";
import { withNamesKeys } from "../read/sealed_keys.ts";
import { giveProgramBack } from "../platform/program_memory.ts";
import { type SourceSet, sourceSets } from "../read/source_sets.ts";
import { openWithThreads } from "./browser.ts";
import { shownPath } from "./entry_row.ts";
import { findIdentities, IDENTITY_OPTION } from "./identities.ts";
import type { Io } from "./io.ts";
import { NAME_OPTION, resolveWithKey } from "./looked_at.ts";
import { JSON_OPTION, Output, type OutputOptions } from "./output.ts";
import { Rows } from "./rows.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "./session.ts";

/** Options of find, of which history has some. */
export interface FindFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly name?: string;
  readonly size?: string;
  readonly newer?: string;
  readonly older?: string;
  readonly type?: string;
  readonly contentHash?: string;
}

/** Options of both. */
export const SHARED_OPTIONS = () => [IDENTITY_OPTION(), NAME_OPTION(), ...STORE_OPTIONS(), JSON_OPTION()];

/** For the help of both. */
export const VERSIONS =
  "Each version is listed once: when it was changed, its size, the first and the last snapshot that " +
  "have it by the beginnings of their ids, and how many have it. Times are in UTC.";

interface Asked extends Wanted {
  /** For messages. */
  readonly what: string;
}

/** Prints every version of what is wanted in the snapshots that `words` name, or in all. */
export async function search(
  { what, ...wanted }: Asked,
  words: readonly string[],
  options: FindFlags,
  io: Io,
): Promise<number> {
  using output = new Output(io, options);
  const identities = await findIdentities(options.identity, io);
  await using tools = await openSession(options, io, output);
  const named = await withNamesKeys(tools, identities, options);
  const ids = new Set<string>();
  for (const word of words) {
    for (const { id } of await resolveWithKey(tools, identities, word, options)) ids.add(id);
  }
  const opened = OpenedCache.of(tools, identities);
  // There may be much to remember from here on, and what the program needed to start is not needed any more.
  giveProgramBack();
  // What is opened has the manifests too.
  const reading = opened === undefined ? named : { ...named, cache: undefined };
  const sets = await sourceSets(reading, options, words.length === 0 ? undefined : ids, opened);
  using browser = openWithThreads(tools, identities, opened);
  const rows = new Rows(io, options, [1, 4]);
  const lost: Error[] = [];
  for (const set of sets) {
    giveProgramBack();
    const manifests = new Map(set.snapshots.map((manifest) => [manifest.id, manifest]));
    const open = (id: string) => openForBrowsing(browser, set.tools, id, manifests.get(id));
    const found = await findVersions([...manifests.keys()], open, wanted);
    giveProgramBack();
    for (const error of found.lost) lost.push(error);
    if (sets.length > 1 && found.versions.length > 0) rows.line(headingOf(set));
    print(found.versions, set, rows);
  }
  rows.end();
  opened?.save();
  const code = sayLost(lost, sets, output);
  if (code === 0 && rows.count === 0) throw foundNowhere(what, sets);
  return code;
}

/** The exit code for it. Throws `OtherKeyError` where no snapshot could be opened for that. */
function sayLost(lost: readonly Error[], sets: readonly SourceSet[], output: Output): number {
  const ofOtherKey = lost.filter((error) => error instanceof OtherKeyError);
  if (ofOtherKey.length > 0 && ofOtherKey.length === snapshotsIn(sets)) throw ofOtherKey[0]!;
  for (const { message: text } of lost) output.report({ kind: "warning", text });
  if (lost.length > ofOtherKey.length) return exitCodeOf(new CorruptionError());
  return ofOtherKey.length > 0 ? exitCodeOf(ofOtherKey[0]!) : 0;
}

function snapshotsIn(sets: readonly SourceSet[]): number {
  return sets.reduce((sum, { snapshots }) => sum + snapshots.length, 0);
}

function foundNowhere(what: string, sets: readonly SourceSet[]): NotFoundError {
  const count = snapshotsIn(sets);
  return new NotFoundError(
    `Cannot find "${displayPath(what)}": none of ${formatCount(count)} snapshots has it`,
  );
}

function headingOf({ tools, name }: SourceSet): string {
  return `${name ?? "sealed"} of ${tools.host}:`;
}

function print(versions: readonly Version[], { tools, name }: SourceSet, rows: Rows): void {
  let path: Path | undefined;
  for (const { entry, snapshots } of versions) {
    if (entry.path !== path) rows.line(shownPath(path = entry.path));
    const cells = snapshots.map((range) => versionCells(entry, range));
    rows.add({ ...entryJson(entry), host: tools.host, name, snapshots }, cells[0]);
    for (const more of cells.slice(1)) rows.text(more);
  }
}

/** The beginning of an id that holds its time. */
const TIME_LENGTH = "20261120T031500Z".length;

function versionCells({ kind, size, mtime }: Entry, { first, last, count }: SnapshotRange): string[] {
  const shown = first === last ? "" : `.. ${last.slice(0, TIME_LENGTH)}`;
  return [
    `  ${timeText(mtime).slice(0, 16)}`,
    size === undefined ? kind : formatSize(size),
    first.slice(0, TIME_LENGTH),
    shown,
    formatCount(count),
  ];
}
