import { isWithin, type Path } from "../model/path.ts";
import { S_IFDIR } from "../platform/stat.ts";
import type { Visited } from "./visited.ts";

/** Passes on the steps of a walk, and calls `onEmpty` for each of `roots` that is a directory below which nothing was visited. */
export function* reportEmptyRoots<Step extends object>(
  steps: Iterable<Visited | Step>,
  roots: readonly Path[],
  onEmpty: (root: Path) => void,
): Generator<Visited | Step> {
  const known = new Set(roots);
  let root: Path | undefined;
  for (const step of steps) {
    const visited = "stat" in step ? step : undefined;
    if (root !== undefined && visited !== undefined && !isWithin(visited.path, root)) onEmpty(root);
    // The type first: to look a path up, it is put together and hashed, which costs more than the rest of a step.
    const isRoot = visited !== undefined && visited.stat.type === S_IFDIR && known.has(visited.path);
    root = isRoot ? visited.path : undefined;
    yield step;
  }
  if (root !== undefined) onEmpty(root);
}
