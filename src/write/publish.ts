import { randomBytes } from "node:crypto";
import { sha256Hex } from "../base/digest.ts";
import { compressFrame } from "../blob/zstd.ts";
import { encodeList, type ListRef, type NamedBlob } from "../model/blob_list.ts";
import type { Manifest, SnapshotNames } from "../model/manifest.ts";
import type { HostKeys } from "../model/host_keys.ts";
import { listName, manifestName, snapshotName } from "../model/names.ts";
import { encodeSnapshot, type Snapshot } from "../model/snapshot.ts";
import { sealFile } from "../seal/file.ts";
import { setTag } from "../seal/names_key.ts";
import type { HostTools } from "../read/hosts.ts";
import { sealedNames, signedManifest } from "../read/signed_manifest.ts";

const METADATA_LEVEL = 9;
const NONCE_BYTES = 15;
const encoder = new TextEncoder();

export interface Publication {
  readonly snapshot: Snapshot;
  readonly lists: readonly ListRef[];
  readonly tail: readonly NamedBlob[];
  /** Stored bytes of all its blobs. */
  readonly storedBytes: number;
  readonly incomplete: boolean;
  readonly suspicious: boolean;
  readonly recipients: readonly string[];
  readonly publicNames: boolean;
  readonly keys: HostKeys;
}

/** The objects of a snapshot, as they are stored. */
export interface PublishedMetadata {
  readonly manifest: Uint8Array;
  readonly sealed: Uint8Array;
}

/**
 * Writes the snapshot, which announces what is to come, then looks whether it may (`look`), then writes the manifest: from then on the
 * snapshot exists. Throws `ExistsError` where a snapshot has that id, or a prune has voided it.
 */
export async function publish(
  tools: HostTools,
  publication: Publication,
  look: () => Promise<"seen" | "blind"> = () => Promise.resolve("seen"),
): Promise<PublishedMetadata> {
  const { snapshot, recipients } = publication;
  const { store, signal } = tools;
  const plain = compressFrame(encoder.encode(encodeSnapshot(snapshot)), METADATA_LEVEL);
  const sealed = await sealFile(plain, recipients);
  const sha256 = sha256Hex(sealed);
  await store.put(snapshotName(snapshot.id), sealed, { signal, sha256, createOnly: true });
  const isBlind = await look() === "blind";
  const manifest = manifestOf(publication, { sha256, size: sealed.length }, isBlind);
  await store.put(manifestName(snapshot.id), manifest, {
    signal,
    sha256: sha256Hex(manifest),
    createOnly: true,
  });
  return { manifest, sealed };
}

function manifestOf(publication: Publication, sealed: Manifest["snapshot"], isBlind: boolean): Uint8Array {
  const { snapshot, lists, tail, storedBytes, incomplete, suspicious, publicNames, keys } = publication;
  const { id, host, hostname, name, startedAt, finishedAt, totals } = snapshot;
  const names: SnapshotNames = { hostname, name, ...totals, stored: storedBytes };
  return signedManifest({
    id,
    host,
    startedAt,
    finishedAt,
    set: setTag(name, keys.namesKey),
    incomplete,
    ...suspicious ? { suspicious } : {},
    ...isBlind ? { blind: true } : {},
    names: publicNames ? names : sealedNames(names, keys.namesKey, host, id),
    snapshot: sealed,
    lists,
    tail,
  }, keys.signingKey);
}

/** Stores a list of blobs, under an id of its own also where there is one of the same blobs. */
export async function storeList(
  { store, signal }: HostTools,
  blobs: readonly NamedBlob[],
): Promise<ListRef> {
  const bytes = compressFrame(
    encoder.encode(encodeList(blobs, randomBytes(NONCE_BYTES).toString("base64"))),
    METADATA_LEVEL,
  );
  const sha256 = sha256Hex(bytes);
  await store.put(listName(sha256), bytes, { signal, sha256, createOnly: true });
  return [sha256, bytes.length, blobs.length];
}
