import { createHash, type Hash, hash } from "node:crypto";
import { equalBytes, fromHex, view } from "../base/bytes.ts";
import { loadSystemSha256, type Sha256Parts } from "./linux/libcrypto.ts";

export type { Sha256Parts };

/** Writes the SHA-256 of `bytes` to `into` at `at`. */
export type Sha256Into = (bytes: Uint8Array, into: Uint8Array, at: number) => void;

/** By the runtime. */
export const runtimeSha256Into: Sha256Into = (bytes, into, at) => {
  view(into).write(hash("sha256", bytes, "hex"), at, "hex");
};

/** FIPS 180-2, appendix B.1. */
const TEST_BYTES = new TextEncoder().encode("abc");
const TEST_HASH = fromHex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

/** `undefined` where there is no OpenSSL, or where it does not do what it should. */
export function systemSha256Into(): Sha256Into | undefined {
  const parts = systemSha256Parts();
  return parts && ((bytes, into, at) => {
    parts.begin();
    parts.add(bytes);
    parts.end(into, at);
  });
}

function systemSha256Parts(): Sha256Parts | undefined {
  const system = loadSystemSha256();
  const made = new Uint8Array(TEST_HASH.length);
  try {
    system?.begin();
    system?.add(TEST_BYTES);
    system?.end(made, 0);
  } catch {
    return undefined;
  }
  return equalBytes(made, TEST_HASH) ? system : undefined;
}

/** By the runtime. */
export function runtimeSha256Parts(): Sha256Parts {
  let hash: Hash | undefined;
  return {
    begin: () => hash = createHash("sha256"),
    add: (bytes) => hash!.update(bytes),
    end: (into, at) => into.set(hash!.digest(), at),
  };
}

/** The fastest that there is, for this thread, and for one hash at a time. */
export function sha256Parts(): Sha256Parts {
  return systemSha256Parts() ?? runtimeSha256Parts();
}

let chosen: Sha256Into | undefined;

/**
 * For very many short pieces: the system's OpenSSL takes half the time of the runtime for 2 KB, and leaves nothing behind, where the runtime
 * leaves objects that only a full garbage collection finds. It is looked for at the first call: not every thread hashes.
 */
export const sha256Into: Sha256Into = (bytes, into, at) => {
  chosen ??= systemSha256Into() ?? runtimeSha256Into;
  chosen(bytes, into, at);
};
