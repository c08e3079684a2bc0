import { joinPath, type Path } from "../../model/path.ts";
import { CACHE_TAG, isCacheAt } from "../../scan/level.ts";
import type { Area } from "./watcher.ts";

/** That a directory belongs to an area. */
export interface Cover {
  readonly area: Area;
  /** The file system of the root that the directory is below. */
  readonly device: number;
  /** The directory itself belongs to the area, but nothing in it: another file system, or a cache. */
  readonly isEdge: boolean;
}

/** Covers of the directory at `path` that begin there because it is a root. */
export function rootCovers(areas: readonly Area[], path: Path, device: number): Cover[] {
  return areas.filter(({ roots }) => roots.includes(path)).map((area) =>
    withEdges({ area, device, isEdge: false }, path, device)
  );
}

/** Covers of the directory at `path` as a child of one with covers `parent`; the same array where nothing differs. */
export function childCovers(parent: readonly Cover[], path: Path, device: number): readonly Cover[] {
  const covers = includedCovers(parent, path, true).map((cover) => withEdges(cover, path, device));
  return covers.length === parent.length && covers.every((cover, i) => cover === parent[i]) ? parent : covers;
}

/** Those of `covers`, of a directory, to which its entry at `path` belongs. */
export function includedCovers(covers: readonly Cover[], path: Path, isDirectory: boolean): readonly Cover[] {
  return covers.filter((cover) => !cover.isEdge && !cover.area.isExcluded(path, isDirectory));
}

function withEdges(cover: Cover, path: Path, device: number): Cover {
  const { area } = cover;
  const isEdge = area.oneFileSystem && device !== cover.device ||
    area.excludeCaches && isCacheAt(path);
  return isEdge ? { ...cover, isEdge } : cover;
}

/** What a change of the name `name` in a directory may mean for caches: whether the directory is one. */
export function isCacheMark(covers: readonly Cover[], name: string): boolean {
  return name === CACHE_TAG && covers.some(({ area }) => area.excludeCaches);
}

/** A watched directory; its path follows from the names above it. */
export class WatchedDirectory {
  /** -1 while it has none. */
  watch = -1;
  children: Map<string, WatchedDirectory> | undefined;

  constructor(
    /** Of a top directory the whole path. */
    readonly name: string,
    readonly parent: WatchedDirectory | undefined,
    readonly covers: readonly Cover[],
    readonly isQuiet: boolean,
  ) {}

  get path(): Path {
    return this.parent === undefined ? this.name : joinPath(this.parent.path, this.name);
  }

  get isAllEdge(): boolean {
    return this.covers.every(({ isEdge }) => isEdge);
  }
}
