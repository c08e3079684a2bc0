import { joinPath, normalizePath, type Path } from "../../model/path.ts";
import type { Node, Tree } from "../browse/tree.ts";

/** Links that lead to links. */
const LINKS_MAX = 8;

/** The node itself, or what it links to. */
export async function resolveLink(
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
