import { NotFoundError } from "../../../src/base/errors.ts";
import type { Attributes, Listed, Node, Tree, Xattr } from "../../../src/operations/browse/tree.ts";

/** A node of a {@link MemoryTree}. */
export interface MemoryNode {
  readonly attributes: Partial<Attributes>;
  readonly entries?: ReadonlyMap<string, number>;
  readonly target?: string;
  readonly xattrs?: readonly Xattr[];
  readonly holes?: readonly (readonly [number, number])[];
  /** Gives the bytes from `offset` on; what it throws is thrown to the reader. */
  readonly read?: (offset: number, length: number) => Promise<Uint8Array>;
}

/** A tree in memory: nodes by number, of which 7 is the root. */
export class MemoryTree implements Tree {
  readonly root = 7;
  readonly #nodes: ReadonlyMap<number, MemoryNode>;

  constructor(nodes: Readonly<Record<number, MemoryNode>>) {
    this.#nodes = new Map(Object.entries(nodes).map(([id, node]) => [Number(id), node]));
  }

  // deno-lint-ignore require-await
  async stat(node: number): Promise<Attributes> {
    const { attributes, entries, target } = this.#node(node);
    return {
      kind: entries !== undefined ? "directory" : target !== undefined ? "symlink" : "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: "1700000000123456789",
      size: 0,
      dataBytes: attributes.size ?? 0,
      links: 1,
      ...attributes,
    };
  }

  async lookup(directory: number, name: string): Promise<Node | undefined> {
    const id = this.#node(directory).entries?.get(name);
    return id === undefined ? undefined : { id, attributes: await this.stat(id) };
  }

  async *list(directory: number, from: number): AsyncGenerator<Listed> {
    const entries = [...this.#node(directory).entries ?? []];
    for (let i = from; i < entries.length; i++) {
      const [name, id] = entries[i]!;
      yield { name, id, next: i + 1, attributes: await this.stat(id) };
    }
  }

  // deno-lint-ignore require-await
  async target(node: number): Promise<string> {
    const { target } = this.#node(node);
    if (target === undefined) throw new NotFoundError("It is no link");
    return target;
  }

  // deno-lint-ignore require-await
  async xattrs(node: number): Promise<readonly Xattr[]> {
    return this.#node(node).xattrs ?? [];
  }

  // deno-lint-ignore require-await
  async holes(node: number): Promise<readonly (readonly [number, number])[]> {
    return this.#node(node).holes ?? [];
  }

  async read<T>(
    node: number,
    offset: number,
    length: number,
    use: (pieces: readonly Uint8Array[]) => T,
  ): Promise<T> {
    const { size } = await this.stat(node);
    const end = Math.min(size, offset + length);
    return use(offset >= end ? [] : [await this.#node(node).read!(offset, end - offset)]);
  }

  isFixed(): boolean {
    return true;
  }

  lifetime(): number {
    return 3600;
  }

  #node(id: number): MemoryNode {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new NotFoundError(`No node ${id}`);
    return node;
  }
}
