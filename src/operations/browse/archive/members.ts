import { CorruptionError, NotFoundError } from "../../../base/errors.ts";
import type { Entry } from "../../../model/entry.ts";
import { displayPath, isWithin, normalizePath, type Path, sortKey } from "../../../model/path.ts";
import { entriesWithin, orLoss } from "../entries_within.ts";
import { FileContents } from "../file_contents.ts";
import type { BrowsedSnapshot } from "../open_snapshot.ts";

/** What goes into an archive. */
export interface Member {
  readonly entry: Entry;
  /** Bytes as a path's, relative, without a slash at the end; it leads nowhere else than below the directory where it is unpacked. */
  readonly name: Path;
  /** Of a file that is no link. */
  readonly contents?: FileContents;
  /** Name of the earlier member that is the same file. */
  readonly link?: Path;
}

/**
 * The entry at `path` and all below it, in order, each by its full name without the slash at its beginning. Of what is lost, and of entries
 * that no file system has, there is the error.
 */
export async function* membersWithin(browsed: BrowsedSnapshot, path: Path): AsyncGenerator<Member | Error> {
  const walk = new Walk(browsed, path);
  for await (const entry of entriesWithin(browsed, path)) {
    if (entry instanceof Error) yield entry;
    else if (entry.path !== "/") yield walk.faultOf(entry) ?? await orLoss(walk.member(entry));
  }
}

/** The members so far decide what later ones may be. */
class Walk {
  readonly #browsed: BrowsedSnapshot;
  readonly #top: Path;
  /** By first name in the snapshot, where that is no member: the name that has the contents. */
  readonly #adopted = new Map<Path, Path>();
  #lastSymlink: Path | undefined;
  #hasRefused = false;

  constructor(browsed: BrowsedSnapshot, top: Path) {
    this.#browsed = browsed;
    this.#top = top;
  }

  /** Whoever unpacks a path with `..` or through a link would write elsewhere. */
  faultOf({ path, kind }: Entry): Error | undefined {
    const isBelowLink = this.#lastSymlink !== undefined && isWithin(path, this.#lastSymlink);
    if (isBelowLink || path.includes("\0") || normalizePath(path) !== path) {
      this.#hasRefused = true;
      return new CorruptionError(`"${displayPath(path)}" is left out: no file can have such a path`);
    }
    if (kind === "symlink") this.#lastSymlink = path;
    return undefined;
  }

  /** Throws `CorruptionError`, `NotFoundError`. */
  async member(entry: Entry): Promise<Member> {
    const name = entry.path.slice(1);
    if (entry.kind !== "file") return { entry, name };
    if (entry.hardlink === undefined) return { entry, name, contents: this.#contents(entry) };
    const first = await this.#firstOf(entry, entry.hardlink);
    const link = this.#isMember(first, entry) ? first.path.slice(1) : this.#adopted.get(first.path);
    if (link !== undefined) return { entry, name, link };
    this.#adopted.set(first.path, name);
    return { entry: { ...entry, size: first.size }, name, contents: this.#contents(first) };
  }

  #contents(entry: Entry): FileContents {
    return new FileContents(entry, this.#browsed.chunks);
  }

  async #firstOf({ path }: Entry, hardlink: Path): Promise<Entry> {
    const first = (await this.#browsed.entries.find(hardlink))?.entry;
    if (first?.kind === "file" && first.hardlink === undefined) return first;
    throw new NotFoundError(
      `"${displayPath(path)}" is left out: "${
        displayPath(hardlink)
      }", which has its contents, is no file of the snapshot`,
    );
  }

  #isMember(first: Entry, entry: Entry): boolean {
    return !this.#hasRefused && isWithin(first.path, this.#top) && sortKey(first.path) < sortKey(entry.path);
  }
}
