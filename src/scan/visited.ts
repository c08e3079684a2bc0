import type { SelectionRules } from "../model/selection.ts";
import type { PathAlias } from "../model/path_alias.ts";
import type { Path } from "../model/path.ts";
import type { Stat } from "../platform/stat.ts";
import type { IsExcluded } from "./exclude.ts";
import type { Roots } from "./roots.ts";

export interface WalkOptions extends SelectionRules {
  readonly isExcluded: IsExcluded;
  /** Paths that are somewhere else than the backup has them. */
  readonly aliases?: readonly PathAlias[];
  /** Called for what is there but cannot be looked at; the walk goes on without it. */
  readonly onUnreadable: (path: Path, reason: string) => void;
  /** Called for what is left out because the options say so; not for what is below it. */
  readonly onExcluded?: () => void;
  /** Called for a directory of which nothing is visited although nothing in the options says so. */
  readonly onSkipped: (path: Path, reason: string) => void;
}

/** Options of a walk, with its roots. */
export interface WalkScope extends WalkOptions {
  readonly roots: Roots;
  /** File systems of which it is known whether the kernel makes up what is on them. */
  readonly kernelMade: Map<number, boolean>;
}

/** One step of a walk. The walker reuses the object: copy what must outlive the step. */
export interface Visited {
  path: Path;
  /** Last part of the path; of the first entries of a walk, the whole path. */
  name: string;
  /** Bytes of the path of its parent; 0 for `/` and for the first entries of a walk. */
  parentLength: number;
  /** FNV-1a of the path. */
  hash: number;
  readonly stat: Stat;
}
