import { isWithin, normalizePath, parentOf, type Path, pathOfKey, sortKey } from "../model/path.ts";

/** Paths of which a walk over changes takes notice. */
export interface DirtyPaths {
  /** Looked at with their entries. */
  readonly directories: readonly Path[];
  /** Walked in full. */
  readonly subtrees: readonly Path[];
  /** Looked at by themselves. */
  readonly entries: readonly Path[];
}

/** How an entry is to be looked at; a node without a `look` is only on the way to others. */
export interface DirtyNode {
  look: "entry" | "directory" | "subtree" | undefined;
  /** By name. */
  readonly children: Map<string, DirtyNode>;
}

/** Dirty paths by the root that they are in. */
export type DirtyTree = ReadonlyMap<Path, DirtyNode>;

const LOOKS = [undefined, "entry", "directory", "subtree"] as const;

/**
 * Arranges dirty paths as a walk of `roots` meets them. For a path that the last backup does not know, the nearest directory above it that it
 * knows is looked at: what is new there is walked in full. What is outside of all roots is of no interest.
 */
export function dirtyTree(
  roots: readonly Path[],
  dirty: DirtyPaths,
  isKnown: (path: Path) => boolean,
): DirtyTree {
  const tree = new Map<Path, DirtyNode>();
  const add = (paths: readonly Path[], look: DirtyNode["look"]) => {
    // Neighbours are asked for one after the other: they are in the same pages.
    for (const path of paths.map(normalizePath).map(sortKey).sort().map(pathOfKey)) {
      const root = roots.find((root) => isWithin(path, root));
      if (root === undefined) continue;
      let known = path;
      while (known !== root && !isKnown(known)) known = parentOf(known);
      mark(nodeAt(tree, root, known), known === path ? look : "directory");
    }
  };
  add(dirty.entries, "entry");
  add(dirty.directories, "directory");
  add(dirty.subtrees, "subtree");
  return tree;
}

function nodeAt(tree: Map<Path, DirtyNode>, root: Path, path: Path): DirtyNode {
  let node = childOf(tree, root);
  const below = path.slice(root === "/" ? 1 : root.length + 1);
  if (below !== "") { for (const name of below.split("/")) node = childOf(node.children, name); }
  return node;
}

function childOf(nodes: Map<string, DirtyNode>, name: string): DirtyNode {
  let node = nodes.get(name);
  if (node === undefined) nodes.set(name, node = { look: undefined, children: new Map() });
  return node;
}

function mark(node: DirtyNode, look: DirtyNode["look"]): void {
  if (LOOKS.indexOf(look) > LOOKS.indexOf(node.look)) node.look = look;
}
