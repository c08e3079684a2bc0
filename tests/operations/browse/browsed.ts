import { concatBytes } from "../../../src/base/bytes.ts";
import { FrameCache } from "../../../src/operations/browse/frame_cache.ts";
import { openingHere } from "../../../src/operations/browse/open_frame.ts";
import { type Browser, openSnapshotTree } from "../../../src/operations/browse/open_snapshot.ts";
import { PageCache } from "../../../src/operations/browse/page_cache.ts";
import type { Tree } from "../../../src/operations/browse/tree.ts";
import { HeaderOpener } from "../../../src/seal/age.ts";
import { KEYS, type Machine } from "../machine.ts";

// The readers that tests look at a tree with.

/** Frames are opened on this thread. */
export function browserOf(machine: Machine, cacheBytes?: number): Browser & { readonly host: string } {
  const { host } = machine.tools();
  return {
    host,
    tools: machine.rootTools(),
    opener: new HeaderOpener([KEYS.identity]),
    frames: new FrameCache(openingHere, cacheBytes),
    pages: new PageCache(),
  };
}

/** A snapshot of the machine as a tree. */
export async function browse(machine: Machine, id: string, cacheBytes?: number): Promise<Tree> {
  const browser = browserOf(machine, cacheBytes);
  return await openSnapshotTree(browser, browser.host, id);
}

/** All that is in a directory, as `name` and node. */
export async function namesIn(tree: Tree, directory: number): Promise<Map<string, number>> {
  const names = new Map<string, number>();
  for await (const { name, id } of tree.list(directory, 0)) names.set(name, id);
  return names;
}

/** The node at a path. Throws where there is none. */
export async function nodeAt(tree: Tree, path: string): Promise<number> {
  let node = tree.root;
  for (const name of path.split("/").filter((part) => part !== "")) {
    const found = await tree.lookup(node, name);
    if (found === undefined) throw new Error(`${path}: there is no ${name}`);
    node = found.id;
  }
  return node;
}

export async function bytesOf(tree: Tree, node: number, offset = 0, length = 2 ** 30): Promise<Uint8Array> {
  return await tree.read(node, offset, length, concatBytes);
}
