import { isWithin, parentOf, type Path } from "../../model/path.ts";
import type { Cover } from "./covers.ts";
import type { Area, ChangeSink } from "./watcher.ts";

/** Tells a sink what is dirty, in terms of the areas that it belongs to. */
export class Teller {
  readonly #areas: readonly Area[];
  readonly #sink: ChangeSink;
  readonly #warned = new Set<string>();

  constructor({ areas, sink }: { readonly areas: readonly Area[]; readonly sink: ChangeSink }) {
    this.#areas = areas;
    this.#sink = sink;
  }

  directory(covers: readonly Cover[], path: Path, isQuiet: boolean): void {
    for (const { area, isEdge } of covers) this.#sink.directory(area, path, isQuiet || isEdge);
  }

  /** Of a directory at the edge of an area only itself is reported, by way of its parent: what is in it does not belong there. */
  subtree(covers: readonly Cover[], path: Path, isQuiet: boolean): void {
    for (const { area, isEdge } of covers) {
      if (isEdge && !area.roots.includes(path)) this.#sink.directory(area, parentOf(path), isQuiet);
      else this.#sink.subtree(area, path, isQuiet);
    }
  }

  /** All that the areas have at `path` or below it. */
  below(path: Path): void {
    for (const area of this.#areas) {
      for (const root of area.roots) {
        if (isWithin(root, path)) this.#sink.subtree(area, root, false);
        else if (isWithin(path, root)) this.#sink.subtree(area, path, false);
      }
    }
  }

  all(): void {
    this.below("/");
  }

  /** The same text only once. */
  warnOnce(text: string): void {
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    this.#sink.warning(text);
  }
}
