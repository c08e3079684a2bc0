import { endsPage, FNV_START, hashPath } from "../../../src/model/page_cut.ts";

/** Numbers that look random, the same for the same seed (mulberry32). */
export class RandomNumbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 up to, but not including, `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

/**
 * A tree that changes at random, and tells of it as a watcher does that loses nothing: a change of an entry marks the directory in which it was
 * made, a directory that was moved or made is marked as a subtree.
 */
export class RandomTree {
  readonly root: string;
  readonly directories = new Set<string>();
  readonly subtrees = new Set<string>();
  /** What was done, for the message of a failure. */
  readonly log: string[] = [];
  readonly #random: RandomNumbers;
  #count = 0;

  constructor(root: string, random: RandomNumbers) {
    this.root = root;
    this.#random = random;
    Deno.mkdirSync(root, { recursive: true });
  }

  /** All has been reported. */
  forgetChanges(): void {
    this.directories.clear();
    this.subtrees.clear();
    this.log.length = 0;
  }

  grow(entries: number): void {
    for (let i = 0; i < entries; i++) this.#random.below(5) === 0 ? this.#makeDirectory() : this.#create();
  }

  change(): void {
    const changes = [
      this.#create,
      this.#write,
      this.#write,
      this.#renameOver,
      this.#moveDirectory,
      this.#moveDirectory,
      this.#moveOutAndIn,
      this.#remove,
      this.#remove,
      this.#changeMode,
      this.#link,
      this.#link,
      this.#symlink,
      this.#makeDirectory,
      this.#remakeDirectory,
      this.#replaceDirectory,
      this.#replaceFile,
      this.#tag,
    ];
    this.#random.of(changes).call(this);
  }

  #mark(directory: string): void {
    this.directories.add(directory);
  }

  #note(...words: string[]): void {
    this.log.push(words.join(" ").replaceAll(this.root, ""));
  }

  #list(wanted: (entry: Deno.DirEntry) => boolean, directory = this.root): string[] {
    return [...Deno.readDirSync(directory)].sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
      const path = `${directory}/${entry.name}`;
      return [...(wanted(entry) ? [path] : []), ...(entry.isDirectory ? this.#list(wanted, path) : [])];
    });
  }

  /** Left out, so that no one sees what happens to other names of the file. */
  #isHiddenLink(path: string): boolean {
    if (Deno.lstatSync(path).nlink! < 2 || Deno.lstatSync(path).isDirectory) return false;
    for (let at = path; at !== this.root; at = parentOf(at)) {
      if (at.endsWith(".skip") || exists(`${parentOf(at)}/CACHEDIR.TAG`)) return true;
    }
    return false;
  }

  #file(): string | undefined {
    return this.#random.of(this.#list((entry) => entry.isFile));
  }

  #directory(): string {
    return this.#random.of([this.root, ...this.#list((entry) => entry.isDirectory)]);
  }

  #directoryBelow(): string | undefined {
    return this.#random.of(this.#list((entry) => entry.isDirectory));
  }

  /** A name that is not there yet; some of them end a page, some are left out, some cannot be read now and then. */
  #freeName(directory: string): string {
    const kind = this.#random.of(["", "", "ends", "ends", ".skip", ".bad", "ends.bad"]);
    for (;;) {
      const path = `${directory}/${this.#random.of(["a", "m", "m\x01", "z"])}${this.#count++}${kind}`;
      if (!kind.startsWith("ends") || endsPage(hashPath(FNV_START, path))) return path;
    }
  }

  #fill(path: string): void {
    Deno.writeTextFileSync(path, this.#random.below(4) === 0 ? "" : `contents ${this.#random.below(1000)}`);
  }

  #create(): void {
    const path = this.#freeName(this.#directory());
    this.#note("create", path);
    this.#fill(path);
    this.#mark(parentOf(path));
  }

  #write(): void {
    const path = this.#file();
    if (path === undefined || this.#isHiddenLink(path)) return;
    this.#note("write", path);
    this.#fill(path);
    this.#mark(parentOf(path));
  }

  #renameOver(): void {
    const [from, to] = [this.#file(), this.#file()];
    if (from === undefined || to === undefined || to.endsWith(".bad")) return;
    this.#note("rename", from, to);
    Deno.renameSync(from, to);
    this.#mark(parentOf(from));
    this.#mark(parentOf(to));
  }

  #moveDirectory(): void {
    const [from, into] = [this.#directoryBelow(), this.#directory()];
    if (from === undefined || `${into}/`.startsWith(`${from}/`)) return;
    this.#move(from, this.#freeName(into));
  }

  #move(from: string, to: string): void {
    this.#note("move", from, to);
    Deno.renameSync(from, to);
    this.#mark(parentOf(from));
    this.#mark(parentOf(to));
    this.subtrees.add(to);
  }

  /** What changes in a directory while it is somewhere else is seen by no one. */
  #moveOutAndIn(): void {
    const path = this.#directoryBelow();
    if (path === undefined) return;
    const outside = `${this.root}-outside`;
    const files = this.#list((entry) => entry.isFile, path).filter((file) => !this.#isHiddenLink(file));
    this.#note("move out and in", path);
    Deno.renameSync(path, outside);
    for (const file of files.slice(0, 2)) this.#fill(outside + file.slice(path.length));
    Deno.renameSync(outside, path);
    this.#mark(parentOf(path));
    this.subtrees.add(path);
  }

  #remove(): void {
    const path = this.#random.of(this.#list((entry) => !entry.isDirectory || this.#random.below(3) === 0));
    if (path === undefined) return;
    this.#note("remove", path);
    Deno.removeSync(path, { recursive: true });
    this.#mark(parentOf(path));
  }

  #changeMode(): void {
    const path = this.#random.of(this.#list((entry) => !entry.isSymlink));
    if (path === undefined || this.#isHiddenLink(path)) return;
    this.#note("chmod", path);
    const isDirectory = Deno.lstatSync(path).isDirectory;
    Deno.chmodSync(path, this.#random.of(isDirectory ? [0o700, 0o755, 0o711] : [0o600, 0o644, 0o4711]));
    this.#mark(parentOf(path));
    if (isDirectory) this.#mark(path);
  }

  #link(): void {
    const from = this.#file();
    const to = this.#freeName(this.#directory());
    // What cannot be read has no names that are left out, through which it could change.
    if (from === undefined || from.endsWith(".bad") || to.endsWith(".bad")) return;
    this.#note("link", from, to);
    Deno.linkSync(from, to);
    this.#mark(parentOf(to));
  }

  #symlink(): void {
    const path = this.#freeName(this.#directory());
    this.#note("symlink", path);
    Deno.symlinkSync(this.#random.of(["a", "../m", "/nowhere"]), path);
    this.#mark(parentOf(path));
  }

  #makeDirectory(): void {
    const path = this.#freeName(this.#directory());
    this.#note("mkdir", path);
    Deno.mkdirSync(`${path}/sub`, { recursive: true });
    this.#fill(`${path}/sub/file`);
    this.#mark(parentOf(path));
    if (this.#random.below(2) === 0) this.subtrees.add(path);
  }

  /** The new directories often have the inodes of the old ones. */
  #remakeDirectory(): void {
    const path = this.#directoryBelow();
    if (path === undefined) return;
    this.#note("remake", path);
    const names = this.#list((entry) => entry.isDirectory, path);
    Deno.removeSync(path, { recursive: true });
    for (const name of [path, ...names]) {
      Deno.mkdirSync(name);
      this.#fill(this.#freeName(name));
    }
    this.#mark(parentOf(path));
    if (this.#random.below(2) === 0) this.subtrees.add(path);
  }

  #replaceDirectory(): void {
    const path = this.#directoryBelow();
    if (path === undefined) return;
    this.#note("directory to file", path);
    Deno.removeSync(path, { recursive: true });
    this.#fill(path);
    this.#mark(parentOf(path));
  }

  #replaceFile(): void {
    const path = this.#file();
    if (path === undefined) return;
    this.#note("file to directory", path);
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    this.#fill(`${path}/inside`);
    this.#mark(parentOf(path));
  }

  /** Makes a directory a cache, or takes that from it. */
  #tag(): void {
    const directory = this.#directoryBelow();
    if (directory === undefined) return;
    const path = `${directory}/CACHEDIR.TAG`;
    this.#note("tag", path);
    try {
      Deno.removeSync(path, { recursive: true });
    } catch {
      Deno.writeTextFileSync(path, "Signature: 8a477f597d28d172789f06886806bc55\n");
    }
    this.#mark(directory);
  }
}

const parentOf = (path: string) => path.slice(0, path.lastIndexOf("/"));

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
