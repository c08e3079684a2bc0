// In the place of src/platform/: a page has no system calls.

export function loadSystemChaCha(): undefined {}

export function loadSystemSha256(): undefined {}

export function giveMemoryBack(): void {}
