import { createHash } from "node:crypto";
import type { Tree } from "../../../src/operations/browse/tree.ts";
import { bytesOf, nodeAt } from "../browse/browsed.ts";

/** A tree as lines by path: all that a backup has to bring back of it. Times of directories follow from what is in them. */
export type Listing = ReadonlyMap<string, string>;

/** What is at `root` and below it, by the runtime's own calls; nothing where there is nothing. */
export function listDisk(root: string): Listing {
  const lines = new Map<string, string>();
  const names = new Map<number, string>();
  const visit = (path: string) => {
    const { isDirectory, isSymlink, mode, mtime, ino, nlink } = Deno.lstatSync(path);
    const permissions = (mode! & 0o7777).toString(8);
    if (isSymlink) lines.set(path, `link to ${Deno.readLinkSync(path)}`);
    else if (isDirectory) lines.set(path, `directory ${permissions}`);
    else {
      const first = nlink === 1 ? path : names.get(ino!) ?? path;
      names.set(ino!, first);
      lines.set(
        path,
        fileLine(permissions, mtime!.getTime(), Deno.readFileSync(path), relative(root, first)),
      );
    }
    if (!isDirectory || isSymlink) return;
    for (const name of [...Deno.readDirSync(path)].map(({ name }) => name).sort()) visit(`${path}/${name}`);
  };
  if (exists(root)) visit(root);
  return lines;
}

/** The same of a snapshot that is looked into. Which names are of one file it does not say. */
export async function listSnapshot(tree: Tree, root: string): Promise<Listing> {
  const lines = new Map<string, string>();
  const visit = async (path: string, node: number) => {
    const { kind, mode, mtime } = await tree.stat(node);
    const permissions = (mode & 0o7777).toString(8);
    if (kind === "symlink") lines.set(path, `link to ${textOf(await tree.target(node))}`);
    else if (kind === "directory") lines.set(path, `directory ${permissions}`);
    else {
      const ms = Number(BigInt(mtime) / 1_000_000n);
      lines.set(path, fileLine(permissions, ms, await bytesOf(tree, node), ""));
    }
    if (kind !== "directory") return;
    for await (const { name, id } of tree.list(node, 0)) await visit(`${path}/${textOf(name)}`, id);
  };
  await visit(root, await nodeAt(tree, root));
  return lines;
}

/** `listing` as {@link listSnapshot} tells it. */
export function withoutNames(listing: Listing): Listing {
  return new Map([...listing].map(([path, line]) => [path, line.replace(/ as .*/s, " as ")]));
}

function fileLine(permissions: string, ms: number, contents: Uint8Array, first: string): string {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 16);
  return `file ${permissions} ${ms} ${contents.length} ${hash} as ${first}`;
}

function relative(root: string, path: string): string {
  return path.slice(root.length);
}

function textOf(latin1: string): string {
  return new TextDecoder().decode(Uint8Array.from(latin1, (char) => char.charCodeAt(0)));
}

export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
