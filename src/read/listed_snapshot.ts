import type { ObjectInfo } from "../store/store.ts";

/** What a listing says of a snapshot. */
export interface ListedSnapshot {
  readonly id: string;
  /** Its manifest. */
  readonly info: ObjectInfo;
  /** Stored bytes of the sealed snapshot, where that is there. */
  readonly sealedSize: number | undefined;
  readonly pinned: boolean;
  /** Someone has looked at what is suspicious about it, and it is right. */
  readonly accepted: boolean;
}
