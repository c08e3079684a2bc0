import { decodePage } from "../../model/page.ts";
import { isWithin, type Path } from "../../model/path.ts";
import { pageWith } from "./page_with.ts";

const decoder = new TextDecoder();

/** Directories, as pages in the order of a walk, that get their attributes when all in them is restored. */
export class WaitingDirectories {
  #pages: Uint8Array[] = [];

  /** They come after all that are here. */
  add(page: Uint8Array): void {
    this.#pages.push(page);
  }

  /** Takes out those in which nothing is that comes at `nextPath` or later; `undefined`: all. The last come first. */
  take(nextPath: Path | undefined): Uint8Array[] {
    const taken: Uint8Array[] = [];
    const left: Uint8Array[] = [];
    for (const page of this.#pages) {
      const entries = nextPath === undefined ? [] : decodePage(decoder.decode(page));
      const waiting = entries.filter(({ path }) => isWithin(nextPath!, path));
      if (waiting.length === 0) taken.push(page);
      else {
        left.push(pageWith(waiting));
        if (waiting.length < entries.length) {
          taken.push(pageWith(entries.filter(({ path }) => !isWithin(nextPath!, path))));
        }
      }
    }
    this.#pages = left;
    return taken.reverse();
  }
}
