import { compressFrame } from "../blob/zstd.ts";
import { addSignature, encodeManifest, type Manifest } from "../model/manifest.ts";
import { publicKeyOf, signText } from "../seal/signature.ts";

const METADATA_LEVEL = 9;

/** A manifest as it is stored, signed with `signingKey`. */
export function signedManifest(manifest: Omit<Manifest, "hostKey">, signingKey: string): Uint8Array {
  const text = encodeManifest({ ...manifest, hostKey: publicKeyOf(signingKey) });
  const signed = addSignature(text, signText(text, signingKey));
  return compressFrame(new TextEncoder().encode(signed), METADATA_LEVEL);
}
