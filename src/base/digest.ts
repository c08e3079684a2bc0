import { createHash, hash } from "node:crypto";
import type { Buffer } from "node:buffer";

/** SHA-256 of `bytes`, 32 bytes. */
export function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** SHA-256 of `bytes`, lower-case hex. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Writes the SHA-256 of `bytes` to `into` at `at`. For very many: it makes fewer objects than {@link sha256}. */
export function sha256Into(bytes: Uint8Array, into: Buffer, at: number): void {
  into.write(hash("sha256", bytes, "hex"), at, "hex");
}
