import type { Manifest } from "../model/manifest.ts";
import { type HostTools, namesKeyOf, trustedHostname } from "./hosts.ts";
import type { ListedSnapshot } from "./listed_snapshot.ts";
import { namesIn } from "./signed_manifest.ts";

/** One line of `snapshot list`, from the public manifest. */
export interface SnapshotInfo {
  readonly id: string;
  readonly host: string;
  /** What is sealed, and cannot be opened here, is missing. */
  readonly hostname: string | undefined;
  /** Source set. */
  readonly name: string | undefined;
  /** Equal for the snapshots of one source set. */
  readonly set: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly files: number | undefined;
  readonly bytes: number | undefined;
  /** Stored bytes of all blobs that the snapshot needs, shared ones included. */
  readonly storedBytes: number | undefined;
  readonly incomplete: boolean;
  /** Its sources looked wrong, and no one has accepted that. */
  readonly suspicious: boolean;
  /** Public key that its manifest is signed with. */
  readonly hostKey: string;
  /** When the store took it, by the store's clock. */
  readonly storedAt: string;
  /** Kept whatever a policy says. */
  readonly pinned: boolean;
}

/** What a manifest says of its snapshot, with what the listing says. */
export function toInfo(
  tools: HostTools,
  { info, pinned, accepted }: ListedSnapshot,
  manifest: Manifest,
): SnapshotInfo {
  const names = namesIn(manifest, namesKeyOf(tools, tools.host));
  return {
    id: manifest.id,
    host: manifest.host,
    hostname: names?.hostname ?? trustedHostname(tools, tools.host),
    name: names?.name,
    set: manifest.set,
    startedAt: manifest.startedAt,
    finishedAt: manifest.finishedAt,
    files: names?.files,
    bytes: names?.bytes,
    storedBytes: names?.stored,
    incomplete: manifest.incomplete,
    suspicious: (manifest.suspicious ?? false) && !accepted,
    hostKey: manifest.hostKey,
    storedAt: info.modified.toISOString(),
    pinned,
  };
}
