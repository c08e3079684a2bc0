import { endsPage, FNV_START, hashPath } from "../../src/model/page_cut.ts";

/** More than a snapshot keeps without lists of pages. */
const PAGES = 70;
const FILES_A_PAGE = 8;

/**
 * The files of the golden store that has lists of blobs and of pages: they make 70 pages, and the first `changed` of them have each been
 * changed by a backup of its own, so that there are as many blobs.
 */
export function listedFiles(root: string, changed: number): Map<string, string> {
  const paths = Array.from({ length: PAGES }, (_, page) => {
    let last = 0;
    while (!endsPage(hashPath(FNV_START, `${root}/${page}-last-${last}`))) last++;
    const before = Array.from({ length: FILES_A_PAGE }, (_, i) => `${root}/${page}-file-${i}`);
    return [...before, `${root}/${page}-last-${last}`];
  }).flat();
  return new Map(paths.map((path, i) => [path, `${i < changed ? "other " : ""}contents of ${path}\n`]));
}
