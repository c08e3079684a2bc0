// Names of the objects in a store, and back.

export type BlobKind = "blobs" | "pages";

export function blobName(kind: BlobKind, id: string): string {
  return `${kind}/${id.slice(0, 2)}/${id.slice(2, 4)}/${id}`;
}

const BLOB_NAME = /^(blobs|pages)\/([0-9a-f]{2})\/([0-9a-f]{2})\/([0-9a-f]{64})$/;

/** `undefined` for a name that is not a blob's. */
export function parseBlobName(name: string): { kind: BlobKind; id: string } | undefined {
  const match = BLOB_NAME.exec(name);
  if (match === null || !match[4].startsWith(match[2] + match[3])) return undefined;
  return { kind: match[1] as BlobKind, id: match[4] };
}

/** What prune has to say to backups. */
export const PRUNE_PREFIX = "prune/";

/** Objects that only ask the store what time it is. */
export const CLOCK_PREFIX = `${PRUNE_PREFIX}clock-`;

export const METADATA_PREFIX = "metadata/";

export function manifestName(snapshotId: string): string {
  return `${METADATA_PREFIX}${snapshotId}/manifest.json.zst`;
}

export function snapshotName(snapshotId: string): string {
  return `${METADATA_PREFIX}${snapshotId}/snapshot.json.zst.age`;
}

/** Where it is, the snapshot is kept whatever a policy says. */
export function pinName(snapshotId: string): string {
  return `${METADATA_PREFIX}${snapshotId}/pin`;
}

/** The snapshot whose pin is called `name`. */
export function snapshotOfPin(name: string): string | undefined {
  return /^metadata\/([^/]+)\/pin$/.exec(name)?.[1];
}

/** The snapshot that `name`, below {@link METADATA_PREFIX}, belongs to. */
export function snapshotOfMetadata(name: string): string | undefined {
  return /^metadata\/([^/]+)\//.exec(name)?.[1];
}

/** The snapshot whose manifest is called `name`. */
export function snapshotOfManifest(name: string): string | undefined {
  return /^metadata\/([^/]+)\/manifest\.json\.zst$/.exec(name)?.[1];
}

/** The snapshot whose encrypted part is called `name`. */
export function snapshotOfSnapshot(name: string): string | undefined {
  return /^metadata\/([^/]+)\/snapshot\.json\.zst\.age$/.exec(name)?.[1];
}

/** `<hostname>_<name>_<UTC time>`, unique per second. */
export function snapshotId(hostname: string, name: string, time: Date): string {
  const stamp = time.toISOString().replace(/\.\d+Z$/, "Z").replace(/[-:]/g, "");
  return `${hostname}_${name}_${stamp}`;
}
