import type { Entry } from "../../model/entry.ts";

/** Which owners a restore gives. */
export interface OwnerOptions {
  /** Give no owners: all belongs to whoever restores. */
  readonly noOwner?: boolean;
  /** Other users and groups for those of the snapshot. */
  readonly ownerMap?: OwnerMap;
  /** Make no devices, and no programs that run as their owner. */
  readonly noSpecial?: boolean;
}

/** By id of the snapshot, as a number. */
export interface OwnerMap {
  readonly users: ReadonlyMap<number, number>;
  readonly groups: ReadonlyMap<number, number>;
}

/** Who owns each entry after a restore. */
export class Owners {
  /** Whether set-user-id and set-group-id bits are given. */
  readonly keepsSetId: boolean;
  readonly #options: OwnerOptions;

  constructor(options: OwnerOptions = {}) {
    this.keepsSetId = options.noSpecial !== true;
    this.#options = options;
  }

  /** `undefined`: whoever restores. */
  of({ uid, gid }: Pick<Entry, "uid" | "gid">): { readonly uid: number; readonly gid: number } | undefined {
    const { noOwner, ownerMap } = this.#options;
    if (noOwner) return undefined;
    return { uid: ownerMap?.users.get(uid) ?? uid, gid: ownerMap?.groups.get(gid) ?? gid };
  }
}
