import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath, type Path } from "../../model/path.ts";
import type { EntrySource } from "../../read/entry_source.ts";
import type { Loss } from "./messages.ts";

/** What becomes of names whose file is not restored by its first name. */
export interface Adopted {
  /** Files with the contents of their first name. */
  readonly files: readonly Entry[];
  /** Further names of those. */
  readonly links: readonly Entry[];
  readonly losses: readonly Loss[];
}

/** Gives the contents of files whose first name is not wanted to the first of their other names that is. */
export class Orphans {
  readonly #entries: EntrySource;
  /** Which name a file has, by its first one in the snapshot. */
  readonly #names = new Map<Path, Path>();

  constructor(entries: EntrySource) {
    this.#entries = entries;
  }

  async adopt(orphans: readonly Entry[]): Promise<Adopted> {
    const [files, links, losses]: [Entry[], Entry[], Loss[]] = [[], [], []];
    for (const orphan of orphans.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
      const first = orphan.hardlink!;
      const name = this.#names.get(first);
      if (name !== undefined) links.push({ ...orphan, hardlink: name });
      else {
        const found = await this.#find(first);
        if (typeof found === "string") losses.push({ path: orphan.path, reason: found, isDamage: true });
        else {
          this.#names.set(first, orphan.path);
          files.push({ ...found, path: orphan.path });
        }
      }
    }
    return { files, links, losses };
  }

  /** The entry with the contents; why it cannot be had, if it cannot. */
  async #find(first: Path): Promise<Entry | string> {
    try {
      const entry = await this.#entries.find(first);
      if (entry?.kind === "file" && entry.hardlink === undefined) return entry;
      return `"${displayPath(first)}", which has its contents, is no file of the snapshot`;
    } catch (error) {
      if (error instanceof CorruptionError || error instanceof NotFoundError) return error.message;
      throw error;
    }
  }
}
