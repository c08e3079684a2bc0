// In the place of src/platform/: a page has no system calls.

export function loadSystemChaCha(): undefined {}

export function loadSystemSha256(): undefined {}

export function giveMemoryBack(): void {}

function unavailable(): never {
  throw new Error("A page has no files");
}

export { unavailable as makeDirectoryDurably, unavailable as writeDurably };
