import { UsageError } from "../../base/errors.ts";
import { directoriesAbove, displayPath, type Path } from "../../model/path.ts";
import { mayLackErrors, type Snapshot } from "../../model/snapshot.ts";

/** What could not be read when a snapshot was made, and so is not in it, though it was there. */
export class UnreadPaths {
  /** As a snapshot names them. */
  readonly #paths = new Set<string>();
  readonly #above = new Set<string>();

  /** Throws `UsageError` for a snapshot that may lack more than it names. */
  constructor({ id, errors }: Pick<Snapshot, "id" | "errors">) {
    if (mayLackErrors(errors)) {
      const state = "more files than it names could not be read when it was made";
      throw new UsageError(`Cannot delete what snapshot ${id} does not have: ${state}; leave out --delete`);
    }
    for (const { path } of errors) {
      this.#paths.add(path);
      for (const above of allAbove(path)) this.#above.add(above);
    }
  }

  /** Whether something of that is at `path`, below it, or all around it. */
  touches(path: Path): boolean {
    const shown = displayPath(path);
    return this.#above.has(shown) || this.#paths.has(shown) ||
      allAbove(shown).some((above) => this.#paths.has(above));
  }
}

/** As {@link directoriesAbove}, and `/`. */
function allAbove(path: string): string[] {
  return [...directoriesAbove(path), "/"];
}
