import type { Trust } from "../model/trust.ts";
import type { Report } from "../report/events.ts";
import type { MetadataCache } from "../store/metadata_cache.ts";
import type { ObjectStore } from "../store/store.ts";
import type { ListedSnapshot } from "./listed_snapshot.ts";
import type { OpenedCache } from "./opened_cache.ts";
import type { SealedAhead } from "./sealed_ahead.ts";

/** What every operation is given: where to, whom to tell, when to stop, what time it is. */
export interface Tools {
  readonly store: ObjectStore;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Whose snapshots count; without it those of every host. */
  readonly trust?: Trust;
  /** This machine's host, where it has one. */
  readonly own?: string;
  /** Those of the store, where they were listed a moment ago. */
  readonly listedHosts?: readonly string[];
  /** By host: what it is called, as this machine or its sealed keys say. */
  readonly hostNames?: ReadonlyMap<string, string>;
  /** By host: what opens the names in its manifests. */
  readonly namesKeys?: ReadonlyMap<string, string>;
  /** The last snapshot of each source set that this machine knows to have made; none where it does not know. */
  readonly lastMade?: () => readonly {
    readonly id: string;
    readonly name: string;
    readonly finishedAt: string;
  }[];
  /** Manifest and sealed snapshot, as they were stored, of a snapshot that this machine has made, where it has kept them. */
  readonly ownCopy?: (
    id: string,
  ) => { readonly manifest: Uint8Array; readonly sealed: Uint8Array } | undefined;
  /** Keeps manifests and lists, so that they are fetched once. */
  readonly cache?: MetadataCache;
  /** For a command that is going to open what it finds. */
  readonly sealedAhead?: SealedAhead;
  /** What the identity that is used has opened before. */
  readonly opened?: OpenedCache;
  /** By host, for a command that means one state of the store by all that it names: all snapshots, as they were listed first. */
  readonly listings?: Map<string, Promise<readonly ListedSnapshot[]>>;
}
