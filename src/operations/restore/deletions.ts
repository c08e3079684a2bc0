import type { Entry } from "../../model/entry.ts";
import { isWithin, joinPath, type Path, sortKey } from "../../model/path.ts";
import { DirectoryCursor } from "../../platform/directory_cursor.ts";
import { cString } from "../../platform/libc.ts";
import { closeFile } from "../../platform/read.ts";
import { S_IFDIR, Stat } from "../../platform/stat.ts";
import type { RestoreOptions } from "./options.ts";
import type { RestorePart } from "./restore.ts";
import { OpenDirectories } from "./open_directories.ts";
import { type OpenedSnapshot, openSnapshot } from "./opened.ts";
import { selectPages } from "./selection.ts";
import { isOwnName, openTarget } from "./target.ts";
import { UnreadPaths } from "./unread_paths.ts";

/**
 * What is in the target and in none of the snapshots, below the restored paths only: paths as in the snapshots, each with all that is below
 * it, in order. Other file systems are left alone, and so is what could not be read when a snapshot was made. Throws `UsageError` where that
 * is not known, and `CorruptionError` where a page is lost: what was in it is not known then.
 */
export async function planDeletions(parts: readonly RestorePart[]): Promise<Path[]> {
  const found = new Set<Path>();
  const opened: OpenedSnapshot[] = [];
  for (const { tools, options } of parts) {
    const snapshot = await openSnapshot(tools, options);
    opened.push(snapshot);
    for (const path of await missingIn(snapshot, options)) found.add(path);
  }
  const unread = opened.map(({ snapshot }) => new UnreadPaths(snapshot));
  const known = [...found].filter((path) => !unread.some((paths) => paths.touches(path)));
  if (parts.length === 1) return known;
  const deleted: Path[] = [];
  for (const path of known) {
    const holders = await Promise.all(opened.map(({ entries }) => entries.find(path)));
    if (holders.every((entry) => entry === undefined)) deleted.push(path);
  }
  return deleted;
}

/** What is in the target and not in one snapshot. */
async function missingIn(opened: OpenedSnapshot, options: RestoreOptions): Promise<Path[]> {
  const target = openTarget(options.target, true);
  const { placement } = opened;
  const directories = new OpenDirectories(target, { makesMissing: false, placement });
  try {
    using cursor = new DirectoryCursor(directories.openTarget());
    const search = new Search(opened, directories, cursor);
    await search.visit(placement?.from ?? "/");
    return search.found;
  } finally {
    directories.close();
    closeFile(target);
  }
}

/** Walks the target and the snapshot in the same order, depth first. */
class Search {
  readonly found: Path[] = [];
  readonly #opened: OpenedSnapshot;
  readonly #directories: OpenDirectories;
  readonly #cursor: DirectoryCursor;
  readonly #entries: EntryCursor;
  readonly #stat = new Stat();

  constructor(opened: OpenedSnapshot, directories: OpenDirectories, cursor: DirectoryCursor) {
    this.#opened = opened;
    this.#directories = directories;
    this.#cursor = cursor;
    this.#entries = new EntryCursor(entriesOf(opened));
  }

  /** `path` is that of the directory at which the cursor is. */
  async visit(path: Path): Promise<void> {
    const { fileSystem } = this.#cursor;
    for (const name of this.#cursor.names().sort()) {
      if (this.#directories.isTarget(path) && isOwnName(name)) continue;
      if (!this.#stat.at(this.#cursor.fd, cString(name)) || this.#stat.fileSystem !== fileSystem) continue;
      await this.#compare(joinPath(path, name), name, this.#stat.type === S_IFDIR);
    }
  }

  async #compare(path: Path, name: string, isDirectory: boolean): Promise<void> {
    const { selection } = this.#opened;
    const isWanted = selection.has(path, isDirectory);
    if (!isWanted && !(isDirectory && selection.isAbove(path))) return;
    const entry = await this.#entries.find(path);
    const staysDirectory = entry?.kind === "directory" || this.#entries.isAbove(path);
    if (isDirectory && staysDirectory) {
      this.#cursor.down(name);
      await this.visit(path);
      this.#cursor.up();
    } else if (isWanted && (entry === undefined || isDirectory)) this.found.push(path);
  }
}

/** The entries of a snapshot, taken in their order. */
class EntryCursor {
  readonly #entries: AsyncIterator<Entry>;
  #next: Entry | undefined;
  #isBegun = false;

  constructor(entries: AsyncIterator<Entry>) {
    this.#entries = entries;
  }

  /** The entry at `path`, which comes after those that were asked for before. */
  async find(path: Path): Promise<Entry | undefined> {
    const key = sortKey(path);
    if (!this.#isBegun) await this.#advance();
    while (this.#next !== undefined && sortKey(this.#next.path) < key) await this.#advance();
    if (this.#next?.path !== path) return undefined;
    const found = this.#next;
    await this.#advance();
    return found;
  }

  /** Whether the entry after the one that was found is below `path`. */
  isAbove(path: Path): boolean {
    return this.#next !== undefined && this.#next.path !== path && isWithin(this.#next.path, path);
  }

  async #advance(): Promise<void> {
    this.#isBegun = true;
    const { value, done } = await this.#entries.next();
    this.#next = done ? undefined : value;
  }
}

async function* entriesOf({ pages, selection, reader }: OpenedSnapshot): AsyncGenerator<Entry> {
  const onDamage = (_: unknown, error: Error) => {
    throw error;
  };
  for await (const page of selectPages(pages, selection, onDamage)) yield* await reader.entries(page);
}
