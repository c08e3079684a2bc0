import { createHash } from "node:crypto";
import type { Buffer } from "node:buffer";

/** Of an id: the SHA-256 of what it names. */
export const ID_BYTES = 32;

/** SHA-256 of `bytes`, 32 bytes. */
export function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** SHA-256 of `bytes`, lower-case hex. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
