import { sha256Hex } from "../../base/digest.ts";
import { compressFrame } from "../../blob/zstd.ts";
import type { Manifest } from "../../model/manifest.ts";
import { manifestName, snapshotName } from "../../model/names.ts";
import { encodeSnapshot, type Snapshot } from "../../model/snapshot.ts";
import { sealFile } from "../../seal/file.ts";
import type { Tools } from "../options.ts";
import { signedManifest } from "../signed_manifest.ts";

const METADATA_LEVEL = 9;
const encoder = new TextEncoder();

export interface Publication {
  readonly snapshot: Snapshot;
  readonly pages: Manifest["pages"];
  readonly blobs: Manifest["blobs"];
  readonly incomplete: boolean;
  readonly recipients: readonly string[];
  readonly signingKey: string;
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
  tools: Tools,
  publication: Publication,
  look: () => Promise<"seen" | "blind"> = () => Promise.resolve("seen"),
): Promise<PublishedMetadata> {
  const { snapshot, pages, blobs, incomplete, recipients, signingKey } = publication;
  const { store, signal } = tools;
  const plain = compressFrame(encoder.encode(encodeSnapshot(snapshot)), METADATA_LEVEL);
  const sealed = await sealFile(plain, recipients);
  const sha256 = sha256Hex(sealed);
  await store.put(snapshotName(snapshot.id), sealed, { signal, sha256, createOnly: true });
  const isBlind = await look() === "blind";
  const manifest = signedManifest({
    ...snapshot,
    incomplete,
    snapshot: { sha256, size: sealed.length },
    pages,
    blobs,
    ...isBlind ? { blind: true } : {},
  }, signingKey);
  await store.put(manifestName(snapshot.id), manifest, {
    signal,
    sha256: sha256Hex(manifest),
    createOnly: true,
  });
  return { manifest, sealed };
}
