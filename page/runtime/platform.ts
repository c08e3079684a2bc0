import { sha256 } from "@noble/hashes/sha2.js";

// In the place of src/platform/: a page has no system calls.

export function loadSystemChaCha(): undefined {}

export function loadSystemSha256(): undefined {}

export function loadSystemZstd(): undefined {}

export function sha256Into(bytes: Uint8Array, into: Uint8Array, at: number): void {
  into.set(sha256(bytes), at);
}

export function giveMemoryBack(): void {}

function unavailable(): never {
  throw new Error("A page has no files");
}

export { unavailable as makeDirectoryDurably, unavailable as writeDurably };
