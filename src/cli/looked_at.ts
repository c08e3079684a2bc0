import type { Identity } from "../seal/age.ts";
import { NotFoundError, UsageError } from "../base/errors.ts";
import type { Entry } from "../model/entry.ts";
import { displayPath, normalizePath, type Path, typedPath } from "../model/path.ts";
import { parseSnapshotWord } from "../model/snapshot_word.ts";
import { type BrowsedSnapshot, type Opener, openForBrowsing } from "../operations/browse/open_snapshot.ts";
import { withNamesKeys } from "../read/sealed_keys.ts";
import type { Tools } from "../read/tools.ts";
import { type Choice, type ResolvedSnapshot, resolveSnapshots } from "../read/resolve.ts";
import { flag } from "./command.ts";

export const NAME_OPTION = () =>
  flag("--name <name>", "only snapshots of this source set, as snapshot list shows it");

/** A snapshot, and a path in it. */
export interface SnapshotPath {
  readonly word: string;
  readonly path: Path;
}

/** Reads `ID` or `ID:PATH`. Throws `UsageError`. */
export function parseSnapshotPath(text: string, now: Date): SnapshotPath {
  const colon = text.indexOf(":/");
  if (colon >= 0) return { word: text.slice(0, colon), path: absolutePath(text.slice(colon + 1)) };
  const word = text.replace(/:$/, "");
  if (!word.includes(":") || parseSnapshotWord(word, now) !== undefined) return { word, path: "/" };
  throw new UsageError(
    `Cannot read ${JSON.stringify(text)}: paths of a snapshot are absolute, as in latest:/etc/hosts`,
  );
}

/** A path within snapshots as it was typed. Throws `UsageError`. */
export function absolutePath(text: string): Path {
  if (text.startsWith("/")) return normalizePath(typedPath(text));
  throw new UsageError(
    `Cannot use ${JSON.stringify(text)}: paths of a snapshot are absolute, as in /etc/hosts`,
  );
}

/** The snapshots that `word` names, several where there are several source sets; their names are read with the identity. */
export async function resolveWithKey(
  tools: Tools,
  identities: readonly Identity[],
  word: string,
  choice: Choice,
): Promise<ResolvedSnapshot[]> {
  const named = await withNamesKeys(tools, identities, choice);
  const found = await resolveSnapshots(named, word, choice);
  if (found.length === 1 || found.every(({ name }) => name !== undefined)) return found;
  return await resolveSnapshots(await withNamesKeys(tools, identities, { name: "" }), word, choice);
}

/** A path of a snapshot that was found. */
export interface FoundPath {
  readonly browsed: BrowsedSnapshot;
  readonly path: Path;
  /** `undefined` for `/` where the snapshot does not have it. */
  readonly entry: Entry | undefined;
}

/** The path in each snapshot that `word` names and that has it. Throws `NotFoundError` where none has. */
export async function findPath(
  browser: Opener,
  resolved: readonly ResolvedSnapshot[],
  path: Path,
): Promise<FoundPath[]> {
  const found: FoundPath[] = [];
  for (const { tools, id, head } of resolved) {
    const browsed = await openForBrowsing(browser, tools, id, head);
    const entry = (await browsed.entries.find(path))?.entry;
    if (entry !== undefined || path === "/") found.push({ browsed, path, entry });
  }
  if (found.length > 0) return found;
  const where = resolved.map(({ id }) => id).join(" and ");
  throw new NotFoundError(`Cannot find "${displayPath(path)}": snapshot ${where} does not have it`);
}

/** The only one. Throws `UsageError` where snapshots of several source sets have the path. */
export function onlyOne(found: readonly FoundPath[]): FoundPath {
  if (found.length === 1) return found[0]!;
  const sets = found.map(({ browsed: { snapshot } }) => `${snapshot.name} (${snapshot.id})`).join(", ");
  throw new UsageError(
    `Cannot choose between ${sets}: each has "${displayPath(found[0]!.path)}"; --name says which`,
  );
}
