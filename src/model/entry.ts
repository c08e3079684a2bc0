import type { Path } from "./path.ts";

export type Kind = "file" | "directory" | "symlink" | "fifo" | "char_device" | "block_device";

/** The bits of a mode that an entry has: permissions, setuid, setgid and sticky. */
export const MODE_BITS = 0o7777;

/** Where plain bytes are: `length` bytes at `offset` of the opened blob; `id` is their SHA-256. Ids are lower-case hex. */
export interface Place {
  readonly blob: string;
  /** Stored bytes of that blob. */
  readonly blobSize: number;
  readonly offset: number;
  readonly length: number;
  readonly id: string;
}

/** One file system object, with all that a restore sets and nothing else. */
export interface Entry {
  readonly path: Path;
  readonly kind: Kind;
  /** Within {@link MODE_BITS}. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly user?: string;
  readonly group?: string;
  /** Nanoseconds since 1970, decimal; may be negative. */
  readonly mtime: string;
  /** Name (bytes as a path's) and value in base64, sorted by name. */
  readonly xattrs?: readonly (readonly [string, string])[];
  /** Files: bytes. */
  readonly size?: number;
  /** Files with contents of their own: chunks in order, or … */
  readonly chunks?: readonly Place[];
  /** … where they are many, the pages that list them. */
  readonly lists?: readonly Place[];
  /** Files: `[offset, length]` of regions without data, ascending. */
  readonly holes?: readonly (readonly [number, number])[];
  /** Files: kept changing while it was read. */
  readonly changed?: boolean;
  /** Files with contents of their own: names that it had on its file system, where those were several. */
  readonly links?: number;
  /** Files: path of the first entry of the same file, which has the contents. */
  readonly hardlink?: Path;
  /** Symlinks: where it points, bytes as a path's. */
  readonly target?: string;
  /** Devices: major and minor number. */
  readonly device?: readonly [number, number];
}
