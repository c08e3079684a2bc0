import { joinPath, type Path } from "../../model/path.ts";
import type { Node, Tree } from "../browse/tree.ts";
import { resolveLink } from "./resolve_link.ts";

/** A file or a directory; what else there is in a tree WebDAV has no word for. */
export interface Resource extends Node {
  /** Within the tree, `/` for its root. */
  readonly path: Path;
  readonly isDirectory: boolean;
}

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
    const shown = found && await resolveLink(tree, node.id, at, name, found);
    if (shown === undefined) return undefined;
    node = shown;
    at = joinPath(at, name);
  }
  return toResource(node, at);
}

/** What is in a directory and can be shown. Throws at the end where something of it is lost. */
export async function* resourcesIn(tree: Tree, { id, path }: Resource): AsyncGenerator<Resource> {
  for await (const { name, ...node } of tree.list(id, 0)) {
    const shown = await resolveLink(tree, id, path, name, node);
    const resource = shown && toResource(shown, joinPath(path, name));
    if (resource !== undefined) yield resource;
  }
}

function toResource({ id, attributes }: Node, path: Path): Resource | undefined {
  const isDirectory = attributes.kind === "directory";
  return isDirectory || attributes.kind === "file" ? { id, attributes, path, isDirectory } : undefined;
}
