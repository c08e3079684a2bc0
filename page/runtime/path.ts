// In the place of node:path/posix: a page has no files.

export function dirname(): never {
  throw new Error("A page has no files");
}
