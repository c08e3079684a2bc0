import { joinPath, normalizePath, type Path } from "../../model/path.ts";
import type { Node, Tree } from "../browse/tree.ts";

/** A file or a directory; what else there is in a tree WebDAV has no word for. */
export interface Resource extends Node {
  /** Within the tree, `/` for its root. */
  readonly path: Path;
  readonly isDirectory: boolean;
}

/** Links that lead to links. */
const LINKS_MAX = 8;

/**
 * What is at `path`; `undefined` where nothing is that can be shown. Links are followed to files within the tree, and to directories above the
 * snapshots: those within them may lead round and round.
 */
export async function resourceAt(tree: Tree, path: Path): Promise<Resource | undefined> {
  let at: Path = "/";
  let node: Node = { id: tree.root, attributes: await tree.stat(tree.root) };
  for (const name of path.split("/").filter((part) => part !== "")) {
    if (node.attributes.kind !== "directory") return undefined;
    const found = await tree.lookup(node.id, name);
    const shown = found && await resolve(tree, node.id, at, name, found);
    if (shown === undefined) return undefined;
    node = shown;
    at = joinPath(at, name);
  }
  return toResource(node, at);
}

/** What is in a directory and can be shown. Throws at the end where something of it is lost. */
export async function* resourcesIn(tree: Tree, { id, path }: Resource): AsyncGenerator<Resource> {
  for await (const { name, ...node } of tree.list(id, 0)) {
    const shown = await resolve(tree, id, path, name, node);
    const resource = shown && toResource(shown, joinPath(path, name));
    if (resource !== undefined) yield resource;
  }
}

function toResource({ id, attributes }: Node, path: Path): Resource | undefined {
  const isDirectory = attributes.kind === "directory";
  return isDirectory || attributes.kind === "file" ? { id, attributes, path, isDirectory } : undefined;
}

/** The node itself, or what it links to. */
async function resolve(
  tree: Tree,
  directory: number,
  above: Path,
  name: string,
  node: Node,
): Promise<Node | undefined> {
  if (node.attributes.kind !== "symlink") return node;
  const isTop = !tree.isFixed(directory);
  const found = await follow(tree, joinPath(above, name), node, LINKS_MAX);
  return found?.attributes.kind === "file" || (isTop && found?.attributes.kind === "directory")
    ? found
    : undefined;
}

/** Where the link at `path` leads, without links on the way. */
async function follow(tree: Tree, path: Path, link: Node, most: number): Promise<Node | undefined> {
  const target = await tree.target(link.id);
  if (target.startsWith("/") || most === 0) return undefined;
  const wanted = normalizePath(`${path}/../${target}`);
  let node: Node = { id: tree.root, attributes: await tree.stat(tree.root) };
  for (const name of wanted.split("/").filter((part) => part !== "")) {
    const found = node.attributes.kind === "directory" ? await tree.lookup(node.id, name) : undefined;
    if (found === undefined) return undefined;
    node = found;
  }
  return node.attributes.kind === "symlink" ? await follow(tree, wanted, node, most - 1) : node;
}
