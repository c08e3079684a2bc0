import { NotFoundError, UsageError } from "../base/errors.ts";
import type { Entry } from "../model/entry.ts";
import { displayPath, type Path } from "../model/path.ts";
import { type BrowsedSnapshot, type Opener, openForBrowsing } from "../operations/browse/open_snapshot.ts";
import { type Choice, type ResolvedSnapshot, resolveSnapshots } from "../read/resolve.ts";
import { withNamesKeys } from "../read/sealed_keys.ts";
import type { Tools } from "../read/tools.ts";
import type { Identity } from "../seal/age.ts";
import { flag } from "./command.ts";

export const NAME_OPTION = () =>
  flag("--name <name>", "only snapshots of this source set, as snapshot list shows it");

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
