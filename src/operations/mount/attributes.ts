import type { Kind } from "../../model/entry.ts";
import type { FuseAttributes } from "../../platform/fuse/replies.ts";
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG } from "../../platform/stat.ts";
import type { Node } from "../browse/tree.ts";

const TYPES: Record<Kind, number> = {
  file: S_IFREG,
  directory: S_IFDIR,
  symlink: S_IFLNK,
  fifo: S_IFIFO,
  char_device: S_IFCHR,
  block_device: S_IFBLK,
};

/** A node as the kernel sees it, under the number `id`. */
export function fuseAttributes({ attributes }: Node, id: number): FuseAttributes {
  const { kind, mode, ...rest } = attributes;
  return { ...rest, id, mode: TYPES[kind] | mode };
}
