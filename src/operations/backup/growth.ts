import { displayPath, type Path } from "../../model/path.ts";
import type { Grown } from "./options.ts";

/** Directories that are counted; of more, those that grew least are forgotten. */
const DIRECTORIES_MAX = 10_000;
const CAUSES = 5;

/** Where the new bytes of a run come from. */
export class Growth {
  readonly #directories = new Map<Path, number>();
  /** The largest, largest first. */
  #files: { readonly path: Path; readonly bytes: number }[] = [];

  /** A file has so many bytes that the store did not have. */
  add(path: Path, bytes: number): void {
    const directory = directoryOf(path);
    this.#directories.set(directory, (this.#directories.get(directory) ?? 0) + bytes);
    if (this.#directories.size > DIRECTORIES_MAX) this.#forget();
    if (this.#files.length === CAUSES && bytes <= this.#files[CAUSES - 1]!.bytes) return;
    this.#files = [...this.#files, { path, bytes }].sort((a, b) => b.bytes - a.bytes).slice(0, CAUSES);
  }

  /** The largest causes, at most five: directories with the files in them, or a file that is most of what its directory has. */
  largest(): Grown[] {
    const directories = new Map(this.#directories);
    const alone = this.#files.filter(({ path, bytes }) => {
      const directory = directoryOf(path);
      if (bytes * 2 <= (this.#directories.get(directory) ?? 0)) return false;
      directories.set(directory, (directories.get(directory) ?? bytes) - bytes);
      return true;
    });
    const rest = [...directories].map(([path, bytes]) => ({ path: path === "/" ? path : `${path}/`, bytes }));
    return [...alone, ...rest].filter(({ bytes }) => bytes > 0)
      .sort((a, b) => b.bytes - a.bytes).slice(0, CAUSES)
      .map(({ path, bytes }) => ({ path: displayPath(path), bytes }));
  }

  #forget(): void {
    const sorted = [...this.#directories].sort(([, a], [, b]) => b - a);
    for (const [directory] of sorted.slice(DIRECTORIES_MAX / 2)) this.#directories.delete(directory);
  }
}

function directoryOf(path: Path): Path {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
