import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import { LruCache } from "../../base/lru.ts";
import { Mutex } from "../../base/mutex.ts";
import { SNAPSHOT_NODES, type SnapshotTree } from "../browse/snapshot_tree.ts";
import type { Attributes, Listed, Node, Tree, Xattr } from "../browse/tree.ts";
import { type ShownSnapshot, topDirectory, type TopEntry } from "./top.ts";

/** Snapshots that are kept open. */
const OPEN_SNAPSHOTS = 32;
/** How long what is above the snapshots is believed. */
const LIFETIME_S = 60;
const FOREVER_S = 24 * 3600;

/** Where snapshots come from. */
export interface SnapshotSource {
  list(): Promise<readonly ShownSnapshot[]>;
  open(snapshot: ShownSnapshot): Promise<SnapshotTree>;
  now(): Date;
}

/** All snapshots of a store as one tree. Snapshot n has the numbers from n times {@link SNAPSHOT_NODES} on; those below are the top's. */
export class MountedTree implements Tree {
  readonly root = 1;
  readonly #source: SnapshotSource;
  readonly #listing = new Mutex();
  #entry: TopEntry = { kind: "directory", entries: new Map() };
  #listedMs = -Infinity;
  /** Paths of directories and links above the snapshots, by number - 1, and the other way. They stay when a snapshot goes. */
  readonly #tops: string[] = [""];
  readonly #topNumbers = new Map<string, number>([["", 1]]);
  /** By number - 1, and numbers by host and id. */
  readonly #snapshots: ShownSnapshot[] = [];
  readonly #snapshotNumbers = new Map<string, number>();
  readonly #open = new LruCache<number, Promise<SnapshotTree>>(OPEN_SNAPSHOTS);

  constructor(source: SnapshotSource) {
    this.#source = source;
  }

  async stat(node: number): Promise<Attributes> {
    const { number, local } = split(node);
    if (number === 0) return this.#topAttributes(await this.#topEntry(node));
    return local === SNAPSHOT_NODES - 1
      ? directory(this.#snapshot(number).startedAt)
      : await (await this.#tree(number)).stat(local);
  }

  async lookup(parent: number, name: string): Promise<Node | undefined> {
    const { number, local } = split(parent);
    if (number > 0) {
      const found = await (await this.#tree(number)).lookup(local, name);
      return found && { ...found, id: number * SNAPSHOT_NODES + found.id };
    }
    const entry = entriesOf(await this.#topEntry(parent)).get(name);
    return entry && this.#topNode(parent, name, entry);
  }

  async *list(parent: number, from: number): AsyncGenerator<Listed> {
    const { number, local } = split(parent);
    if (number > 0) {
      const base = number * SNAPSHOT_NODES;
      for await (const listed of (await this.#tree(number)).list(local, from)) {
        yield { ...listed, id: base + listed.id };
      }
      return;
    }
    const entries = [...entriesOf(await this.#topEntry(parent))];
    for (let i = from; i < entries.length; i++) {
      const [name, entry] = entries[i]!;
      yield { name, next: i + 1, ...this.#topNode(parent, name, entry) };
    }
  }

  async target(node: number): Promise<string> {
    const { number, local } = split(node);
    if (number > 0) return await (await this.#tree(number)).target(local);
    const entry = await this.#topEntry(node);
    if (entry.kind !== "link") throw new NotFoundError("It is no link");
    return entry.target;
  }

  async xattrs(node: number): Promise<readonly Xattr[]> {
    const { number, local } = split(node);
    return number === 0 ? [] : await (await this.#tree(number)).xattrs(local);
  }

  async holes(node: number): Promise<readonly (readonly [number, number])[]> {
    const { number, local } = split(node);
    return await (await this.#tree(number)).holes(local);
  }

  async read<T>(
    node: number,
    offset: number,
    length: number,
    use: (pieces: readonly Uint8Array[]) => T,
  ): Promise<T> {
    const { number, local } = split(node);
    return await (await this.#tree(number)).read(local, offset, length, use);
  }

  isFixed(node: number): boolean {
    return node >= SNAPSHOT_NODES;
  }

  lifetime(node: number): number {
    return node < SNAPSHOT_NODES ? LIFETIME_S : FOREVER_S;
  }

  #tree(number: number): Promise<SnapshotTree> {
    const open = this.#open.get(number);
    if (open !== undefined) return open;
    const tree = this.#source.open(this.#snapshot(number));
    this.#open.set(number, tree);
    tree.catch(() => this.#open.delete(number));
    return tree;
  }

  #snapshot(number: number): ShownSnapshot {
    const snapshot = this.#snapshots[number - 1];
    if (snapshot === undefined) throw new NotFoundError(`No snapshot ${number}`);
    return snapshot;
  }

  /** What is at a number of the top, as the store has it now. */
  async #topEntry(node: number): Promise<TopEntry> {
    await this.#listing.run(() => this.#refresh());
    const path = this.#tops[node - 1];
    let entry: TopEntry | undefined = path === undefined ? undefined : this.#entry;
    for (const name of path ? path.split("/") : []) {
      entry = entry?.kind === "directory" ? entry.entries.get(name) : undefined;
    }
    if (entry === undefined) throw new NotFoundError(`No entry ${node}`);
    return entry;
  }

  async #refresh(): Promise<void> {
    const nowMs = this.#source.now().getTime();
    if (nowMs - this.#listedMs < LIFETIME_S * 1000) return;
    this.#entry = { kind: "directory", entries: topDirectory(await this.#source.list()) };
    this.#listedMs = nowMs;
  }

  #topNode(parent: number, name: string, entry: TopEntry): Node {
    if (entry.kind === "snapshot") {
      const number = this.#snapshotNumber(entry.snapshot);
      return { id: (number + 1) * SNAPSHOT_NODES - 1, attributes: directory(entry.snapshot.startedAt) };
    }
    const above = this.#tops[parent - 1];
    const path = above === "" ? name : `${above}/${name}`;
    let number = this.#topNumbers.get(path);
    if (number === undefined) {
      number = this.#tops.push(path);
      this.#topNumbers.set(path, number);
    }
    return { id: number, attributes: this.#topAttributes(entry) };
  }

  #snapshotNumber(snapshot: ShownSnapshot): number {
    const key = `${snapshot.hostId} ${snapshot.id}`;
    let number = this.#snapshotNumbers.get(key);
    if (number === undefined) {
      number = this.#snapshots.push(snapshot);
      this.#snapshotNumbers.set(key, number);
    }
    return number;
  }

  #topAttributes(entry: TopEntry): Attributes {
    const attributes = directory(newestIn(entry));
    if (entry.kind !== "link") return attributes;
    return { ...attributes, kind: "symlink", mode: 0o777, size: entry.target.length };
  }
}

function split(node: number): { readonly number: number; readonly local: number } {
  const number = Math.floor(node / SNAPSHOT_NODES);
  return { number, local: node - number * SNAPSHOT_NODES };
}

function entriesOf(entry: TopEntry) {
  if (entry.kind === "directory") return entry.entries;
  throw new CorruptionError("It is no directory");
}

/** When the newest snapshot in it was made. */
function newestIn(entry: TopEntry): string {
  if (entry.kind === "snapshot") return entry.snapshot.startedAt;
  if (entry.kind === "link") return "";
  return [...entry.entries.values()].map(newestIn).reduce((a, b) => (a > b ? a : b), "");
}

/** A directory above, or at the top of, a snapshot of this time. */
function directory(time: string): Attributes {
  const mtime = time === "" ? "0" : String(BigInt(Date.parse(time)) * 1_000_000n);
  return { kind: "directory", mode: 0o755, uid: 0, gid: 0, mtime, size: 0, dataBytes: 0, links: 1 };
}
