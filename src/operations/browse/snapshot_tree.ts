import { fromBase64 } from "../../base/bytes.ts";
import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import { LruCache } from "../../base/lru.ts";
import type { Entry } from "../../model/entry.ts";
import { PAGE_ENTRIES_MAX } from "../../model/page_cut.ts";
import { joinPath, type Path } from "../../model/path.ts";
import { type ChunkSource, FileContents } from "./file_contents.ts";
import type { Located, SnapshotEntries } from "./snapshot_entries.ts";
import type { Attributes, Listed, Node, Tree, Xattr } from "./tree.ts";

/** Pages that a snapshot has at most here; each has an average of 1,024 entries. */
const PAGES_MAX = 2 ** 23;
/** Nodes of one snapshot have numbers below this. */
export const SNAPSHOT_NODES = PAGES_MAX * PAGE_ENTRIES_MAX;
/** In the place where a listing goes on: something before was lost. */
const LOST = SNAPSHOT_NODES;

/** Files of which the places of the chunks are kept. */
const OPEN_FILES = 64;
const FOREVER = 24 * 3600;
const NAME_BYTES_MAX = 255;

/** For `/` where the snapshot does not have it. */
const TOP: Omit<Attributes, "mtime"> = {
  kind: "directory",
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  dataBytes: 0,
  links: 1,
};

/** A snapshot as a tree. Node 1 + n is the entry at position n, and {@link root} is `/`, which few snapshots have as an entry. */
export class SnapshotTree implements Tree {
  readonly root = SNAPSHOT_NODES - 1;
  readonly #entries: SnapshotEntries;
  readonly #chunks: ChunkSource;
  readonly #time: string;
  readonly #files = new LruCache<number, FileContents>(OPEN_FILES);

  /** `time`: when the snapshot was made, in ns since 1970. */
  constructor(entries: SnapshotEntries, chunks: ChunkSource, time: string) {
    this.#entries = entries;
    this.#chunks = chunks;
    this.#time = time;
  }

  async stat(node: number): Promise<Attributes> {
    const entry = await this.#entry(node);
    return entry === undefined ? { ...TOP, mtime: this.#time } : attributesOf(entry);
  }

  async lookup(directory: number, name: string): Promise<Node | undefined> {
    if (!isName(name)) return undefined;
    const found = await this.#entries.find(joinPath(await this.#path(directory), name));
    return found && await this.#node(found);
  }

  async *list(directory: number, from: number): AsyncGenerator<Listed> {
    const path = await this.#path(directory);
    const start = from === 0 ? (directory === this.root ? 0 : directory) : from % LOST;
    let error: Error | undefined = from >= LOST
      ? new CorruptionError("Entries of a directory are lost")
      : undefined;
    for await (const step of this.#entries.list(path, start)) {
      if ("error" in step) error = step.error;
      else {
        const name = step.found.entry.path.slice(path === "/" ? 1 : path.length + 1);
        if (!isName(name)) continue;
        const next = step.next + (error === undefined ? 0 : LOST);
        try {
          yield { name, next, ...await this.#node(step.found) };
        } catch (cause) {
          if (!(cause instanceof CorruptionError || cause instanceof NotFoundError)) throw cause;
          error = cause;
        }
      }
    }
    if (error !== undefined) throw error;
  }

  async target(node: number): Promise<string> {
    const target = (await this.#entry(node))?.target;
    if (target === undefined) throw new CorruptionError("An entry is no symlink");
    return target;
  }

  async xattrs(node: number): Promise<readonly Xattr[]> {
    return ((await this.#entry(node))?.xattrs ?? []).map(([name, value]) => [name, fromBase64(value)]);
  }

  async holes(node: number): Promise<readonly (readonly [number, number])[]> {
    return (await this.#file(node)).holes;
  }

  async read<T>(
    node: number,
    offset: number,
    length: number,
    use: (pieces: readonly Uint8Array[]) => T,
  ): Promise<T> {
    return await (await this.#file(node)).use(offset, length, use);
  }

  isFixed(): boolean {
    return true;
  }

  lifetime(): number {
    return FOREVER;
  }

  async #file(node: number): Promise<FileContents> {
    const open = this.#files.get(node);
    if (open !== undefined) return open;
    const entry = await this.#entry(node);
    if (entry === undefined) throw new CorruptionError("An entry is no file");
    const file = new FileContents(entry, this.#chunks);
    this.#files.set(node, file);
    return file;
  }

  /** `undefined` for `/` where the snapshot does not have it. */
  async #entry(node: number): Promise<Entry | undefined> {
    if (node !== this.root) return await this.#entries.at(node - 1);
    try {
      return (await this.#entries.find("/"))?.entry;
    } catch (error) {
      if (error instanceof CorruptionError || error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  async #path(node: number): Promise<Path> {
    return (await this.#entry(node))?.path ?? "/";
  }

  /** A further name of a file is the node of the first one. */
  async #node({ entry, position }: Located): Promise<Node> {
    if (entry.hardlink === undefined) return { id: position + 1, attributes: attributesOf(entry) };
    const first = await this.#entries.find(entry.hardlink);
    if (first !== undefined && first.entry.hardlink === undefined && first.entry.kind === "file") {
      return { id: first.position + 1, attributes: attributesOf(first.entry) };
    }
    throw new CorruptionError("A link leads to an entry that is no file");
  }
}

function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && name.length <= NAME_BYTES_MAX && !/[\0/]/.test(name);
}

function attributesOf(entry: Entry): Attributes {
  const { kind, mode, uid, gid, mtime, links = 1, device } = entry;
  const size = kind === "symlink" ? entry.target?.length ?? 0 : entry.size ?? 0;
  const dataBytes = (entry.holes ?? []).reduce((bytes, [, length]) => bytes - length, size);
  return { kind, mode, uid, gid, mtime, size, dataBytes, links, device };
}
