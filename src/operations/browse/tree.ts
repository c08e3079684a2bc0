import type { Kind } from "../../model/entry.ts";

/** What a file system says of an object. */
export interface Attributes {
  readonly kind: Kind;
  /** Permission bits, 07777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970, decimal; may be negative. */
  readonly mtime: string;
  /** Bytes of a file, or of a symlink's target. */
  readonly size: number;
  /** Bytes that are no hole. */
  readonly dataBytes: number;
  /** Names of the same file, where it was backed up: they need not all be in the tree. */
  readonly links: number;
  /** Devices: major and minor number. */
  readonly device?: readonly [number, number];
}

/**
 * An object of a tree. Its number is that of its inode: names of one file have the same, it never changes, and says where the object is, so
 * that nothing needs to be remembered of what was given out.
 */
export interface Node {
  readonly id: number;
  readonly attributes: Attributes;
}

/** An entry of a directory. */
export interface Listed extends Node {
  /** Bytes as a path's. */
  readonly name: string;
  /** Where a listing goes on behind it. */
  readonly next: number;
}

/** An extended attribute: name (bytes as a path's) and value. */
export type Xattr = readonly [name: string, value: Uint8Array];

/**
 * A tree of files that can be read and never changes, but that directories on top may get further entries. Every call throws
 * `NotFoundError` for a node that is not there, `CorruptionError` where the store has lost what is asked for, and what the store throws.
 */
export interface Tree {
  readonly root: number;

  stat(node: number): Promise<Attributes>;

  lookup(directory: number, name: string): Promise<Node | undefined>;

  /** Entries from the place `from` on, 0 for all. What is lost is left out, and thrown at the end. */
  list(directory: number, from: number): AsyncIterable<Listed>;

  /** Where a symlink points, bytes as a path's. */
  target(node: number): Promise<string>;

  xattrs(node: number): Promise<readonly Xattr[]>;

  /** Of a file: `[offset, length]` of regions without data, ascending. */
  holes(node: number): Promise<readonly (readonly [number, number])[]>;

  /**
   * Gives `use` up to `length` bytes of a file at `offset`, in pieces that are not to be changed and are valid while it runs; fewer only at the
   * end of the file. Resolves to what it returns.
   */
  read<T>(
    node: number,
    offset: number,
    length: number,
    use: (pieces: readonly Uint8Array[]) => T,
  ): Promise<T>;

  /** Whether a directory never gets further entries. */
  isFixed(directory: number): boolean;

  /** For how many seconds what was said of a node may be believed. */
  lifetime(node: number): number;
}
