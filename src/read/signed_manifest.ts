import { release } from "../base/bytes.ts";
import { compressFrame, decompressAll } from "../blob/zstd.ts";
import { CorruptionError } from "../base/errors.ts";
import {
  addSignature,
  decodeHead,
  decodeManifest,
  decodeNames,
  encodeManifest,
  encodeNames,
  type Manifest,
  MANIFEST_TEXT_MAX,
  type ManifestHead,
  type SnapshotNames,
  splitSignature,
} from "../model/manifest.ts";
import { hostIdOf } from "../model/host_id.ts";
import { openNames, sealNames } from "../seal/names_key.ts";
import { publicKeyOf, signText, verifyBytes } from "../seal/signature.ts";

const METADATA_LEVEL = 9;

/** A manifest as it is stored, signed with `signingKey`. */
export function signedManifest(manifest: Omit<Manifest, "hostKey">, signingKey: string): Uint8Array {
  const text = encodeManifest({ ...manifest, hostKey: publicKeyOf(signingKey) });
  const signed = addSignature(text, signText(text, signingKey));
  return compressFrame(new TextEncoder().encode(signed), METADATA_LEVEL);
}

/**
 * The manifest of snapshot `id` of `host` that the bytes of its object hold. Nothing is parsed before the signature was checked with
 * the key that the host's directory is named by. Throws `CorruptionError`, `UsageError` where a newer program wrote it.
 */
export function openManifest(stored: Uint8Array, host: string, id: string): Manifest {
  return decodeManifest(signedText(stored, host), host, id);
}

/** As {@link openManifest}, without a look at the names of blobs. */
export function openHead(stored: Uint8Array, host: string, id: string): ManifestHead {
  return decodeHead(signedText(stored, host), host, id);
}

function signedText(stored: Uint8Array, host: string): string {
  const text = decompressAll(stored, MANIFEST_TEXT_MAX);
  try {
    return openSigned(text, host);
  } finally {
    release(text);
  }
}

/** The text in `signed`, which must be signed by `host`. Throws `CorruptionError`. */
export function openSigned(signed: Uint8Array, host: string): string {
  const { text, hostKey, signature } = splitSignature(signed);
  if (hostIdOf(hostKey) !== host) throw new CorruptionError("it is signed by another host");
  if (!verifyBytes(text, signature, hostKey)) throw new CorruptionError("its signature does not fit");
  return new TextDecoder().decode(text);
}

/** `names` as they are written into the manifest of snapshot `id` of `host`. */
export function sealedNames(names: SnapshotNames, namesKey: string, host: string, id: string): string {
  return sealNames(encodeNames(names), namesKey, `${host} ${id}`);
}

/** The names in `manifest`; `undefined` where they are sealed and `namesKey` is not known or not theirs. */
export function namesIn(
  { names, host, id }: Pick<Manifest, "names" | "host" | "id">,
  namesKey: string | undefined,
): SnapshotNames | undefined {
  if (typeof names !== "string") return names;
  if (namesKey === undefined) return undefined;
  try {
    return decodeNames(openNames(names, namesKey, `${host} ${id}`));
  } catch (error) {
    if (error instanceof CorruptionError) return undefined;
    throw error;
  }
}
