import type { Entry } from "../../model/entry.ts";
import { faultOf } from "../../model/entry_fault.ts";
import { OUT_OF_ORDER, PageOrder } from "../../model/page_order.ts";
import type { Path } from "../../model/path.ts";
import { dataBytes } from "../../read/entry_source.ts";

// What keeps a restore from making entries though each hash of theirs is right.

/** An entry that a restore refuses. */
export interface Refused {
  readonly path: Path;
  readonly reason: string;
}

/** The first entry that is refused of the page that begins at `firstPath`; `undefined` where none is. */
export function refusedIn(entries: readonly Entry[], firstPath: Path): Refused | undefined {
  const order = new PageOrder(firstPath, undefined);
  for (const entry of entries) {
    const { path } = entry;
    const reason = order.takes(path) ? faultOf(entry) : OUT_OF_ORDER;
    if (reason !== undefined) return { path, reason };
  }
  return undefined;
}

interface WaitingFile {
  readonly page: string;
  readonly path: Path;
  readonly bytes: number;
  readonly lists: readonly string[];
}

/** Files whose chunks are in lists, until the lists are read that tell whether they are all of it. */
export class ListedFiles {
  /** In each list. */
  readonly #bytes = new Map<string, number>();
  #waiting: WaitingFile[] = [];

  /** `page` is the blob of its page, `lists` the keys of its lists. */
  add(entry: Entry, page: string, lists: readonly string[]): void {
    this.#waiting.push({ page, path: entry.path, bytes: dataBytes(entry), lists });
  }

  /** The chunks in a list have so many bytes. */
  noteList(key: string, bytes: number): void {
    this.#bytes.set(key, bytes);
  }

  /** Those that are refused of all that were added; of what is in a list that cannot be read nothing is known. */
  *takeRefused(): Generator<Refused & { readonly page: string }> {
    for (const { page, path, bytes, lists } of this.#waiting) {
      const found = lists.reduce((sum, key) => sum + (this.#bytes.get(key) ?? NaN), 0);
      if (Number.isNaN(found) || found === bytes) continue;
      yield { page, path, reason: `its lists of chunks have ${found} bytes, not ${bytes}` };
    }
    this.#waiting = [];
  }
}
