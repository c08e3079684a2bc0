import type { ObjectStore } from "../../../src/store/store.ts";

export interface EngineOptions {
  readonly seed: number;
  /**
   * Whether the store has create-only writes. Without them runs stand still for less than half the grace time between looking at `prune/` and
   * writing their manifest, which is what is asked of them then.
   */
  readonly isAtomic: boolean;
  readonly graceMs: number;
  readonly hosts?: number;
  /** Whether many objects are removed by one request: in any order, and not all of them where it is cut off. */
  readonly removesMany?: boolean;
  /** Compares the directories of all other hosts before and after every call. */
  readonly comparesNeighbours?: boolean;
  /** What is taken away from the program, to show that it is needed: the store that prunes, and that backups see. */
  readonly pruneStore?: (store: ObjectStore) => ObjectStore;
  readonly backupStore?: (store: ObjectStore) => ObjectStore;
}
