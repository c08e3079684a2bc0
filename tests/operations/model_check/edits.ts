import { dirname } from "node:path/posix";
import { exists, listDisk } from "./listing.ts";

/** A change of a tree, as numbers: what they mean depends on what is there. */
export interface Edit {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
}

/** Few names, so that kinds of entries take each other's place; some are excluded at times. */
const NAMES = ["a", "b", "c.tmp", "é", "zz"];
const DEPTH_MAX = 4;
const ENTRIES_MAX = 60;

/** What a watcher would have seen of edits. */
export interface Dirty {
  /** Entries directly in these may be others. */
  readonly directories: Set<string>;
  /** These were made, or moved to where they are. */
  readonly subtrees: Set<string>;
}

/** Makes `edit` in the tree below `root`, and notes in `dirty` what a watcher sees of it. What cannot be done is not done. */
export function makeEdit(root: string, { kind, a, b }: Edit, dirty: readonly Dirty[]): void {
  const paths = [...listDisk(root).keys()];
  const any = paths[a % paths.length]!;
  const parent = isDirectory(any) ? any : dirname(any);
  const fresh = `${parent}/${NAMES[b % NAMES.length]}`;
  const seen = (...changed: string[]) => {
    for (const { directories } of dirty) changed.forEach((path) => directories.add(dirname(path)));
  };
  const made = (path: string) => dirty.forEach(({ subtrees }) => subtrees.add(path));
  const isTooMuch = paths.length >= ENTRIES_MAX ||
    fresh.split("/").length - root.split("/").length > DEPTH_MAX;
  const isFree = !exists(fresh) && !isTooMuch;
  switch (kind) {
    case 0:
    case 1:
      if (isTooMuch || (exists(fresh) && !isFile(fresh))) return;
      Deno.writeTextFileSync(fresh, contentsOf(b));
      return seen(fresh, ...otherNames(root, fresh));
    case 2:
      if (!isFile(any)) return;
      Deno.writeTextFileSync(any, "more", { append: true });
      return seen(any, ...otherNames(root, any));
    case 3:
      if (!isFree) return;
      Deno.mkdirSync(fresh);
      made(fresh);
      return seen(fresh);
    case 4:
      if (!isFree) return;
      Deno.symlinkSync(NAMES[a % NAMES.length]!, fresh);
      return seen(fresh);
    case 5:
      if (!isFree || !isFile(any)) return;
      Deno.linkSync(any, fresh);
      return seen(fresh, any, ...otherNames(root, any));
    case 6:
      return rename(root, any, paths[b % paths.length]!, { seen, made });
    case 7:
      if (any === root) return;
      seen(
        any,
        ...(isFile(any) ? otherNames(root, any) : paths.filter((path) => path.startsWith(`${any}/`))),
      );
      return Deno.removeSync(any, { recursive: true });
    case 8:
      if (isSymlink(any)) return;
      Deno.chmodSync(any, isDirectory(any) ? 0o700 + b % 64 : 0o600 + b % 64);
      if (isDirectory(any)) dirty.forEach(({ directories }) => directories.add(any));
      return seen(any, ...otherNames(root, any));
    default:
      if (!isFile(any)) return;
      Deno.utimeSync(any, b % 1e9, b % 1e9);
      return seen(any, ...otherNames(root, any));
  }
}

interface Notes {
  seen(...paths: string[]): void;
  made(path: string): void;
}

/** `from` goes into the directory at or above `beside`, under its own name. */
function rename(root: string, from: string, beside: string, { seen, made }: Notes): void {
  const directory = isDirectory(beside) ? beside : dirname(beside);
  const to = `${directory}/${from.slice(from.lastIndexOf("/") + 1)}`;
  if (from === root || exists(to) || `${to}/`.startsWith(`${from}/`) || dirname(to).length < root.length) {
    return;
  }
  seen(from, to, ...otherNames(root, from));
  Deno.renameSync(from, to);
  if (isDirectory(to)) made(to);
}

/** The other names of a file: the kernel tells a watcher of one directory only, but a test wants to know no less than the program asks for. */
function otherNames(root: string, path: string): string[] {
  if (!isFile(path)) return [];
  const { ino, nlink } = Deno.lstatSync(path);
  if (nlink === 1) return [];
  return [...listDisk(root).keys()].filter((other) => Deno.lstatSync(other).ino === ino);
}

/** Few contents, so that chunks come again; some are of several chunks. */
function contentsOf(number: number): string {
  const text = `contents ${number % 23}\n`;
  return number % 7 === 0 ? text.repeat(20_000) : text.repeat(number % 5);
}

function isDirectory(path: string): boolean {
  return exists(path) && Deno.lstatSync(path).isDirectory;
}

function isSymlink(path: string): boolean {
  return Deno.lstatSync(path).isSymlink;
}

function isFile(path: string): boolean {
  return Deno.lstatSync(path).isFile;
}
