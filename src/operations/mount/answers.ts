import { concatBytes, fromLatin1 } from "../../base/bytes.ts";
import { ENODATA, ENXIO, ERANGE } from "../../platform/libc.ts";
import {
  attributesReply,
  DirectoryReply,
  entryReply,
  errorReply,
  headReply,
  initReply,
  offsetReply,
  openDirectoryReply,
  READ_BYTES_MAX,
  sizeReply,
  statfsReply,
} from "../../platform/fuse/replies.ts";
import type { FuseRequest } from "../../platform/fuse/requests.ts";
import type { Node, Tree } from "../browse/tree.ts";
import { fuseAttributes } from "./attributes.ts";
import type { FilesAhead } from "./files_ahead.ts";
import { seek } from "./seek.ts";

const ENOSYS = 38;
/** What a read gives in more pieces is put together. */
const PIECES_MAX = 500;
/** Places of `.` and `..` in a directory; those of its entries follow. */
const DOTS = 2;
/** The kernel's number of the root. */
const ROOT = 1;

/** Takes a reply in pieces, which it does not keep. */
export type Reply = (pieces: readonly Uint8Array[]) => void;

/** What is asked of a tree, answered in the kernel's words. What a tree throws is thrown on. */
export class Answers {
  readonly #tree: Tree;
  readonly #ahead: FilesAhead | undefined;

  /** `ahead` hears what is listed and asked for, where it is given. */
  constructor(tree: Tree, ahead?: FilesAhead) {
    this.#tree = tree;
    this.#ahead = ahead;
  }

  /** Calls `reply` once, or not at all where none is expected. */
  async to(request: FuseRequest, reply: Reply): Promise<void> {
    if (request.op === "read") return await this.#read(request, reply);
    if (request.op === "readdir" || request.op === "readdirplus") return await this.#list(request, reply);
    const pieces = await this.#answer(request);
    if (pieces !== undefined) reply(pieces);
  }

  async #answer(
    request: Exclude<FuseRequest, { op: "read" | "readdir" | "readdirplus" }>,
  ): Promise<readonly Uint8Array[] | undefined> {
    const { unique } = request;
    const node = this.#swap(request.node);
    switch (request.op) {
      case "init":
        return [initReply(unique, request)];
      case "lookup":
        return [await this.#lookup(unique, node, request.name)];
      case "getattr": {
        const found = this.#attributes({ id: node, attributes: await this.#tree.stat(node) });
        return [attributesReply(unique, found, this.#tree.lifetime(node))];
      }
      case "readlink": {
        const target = fromLatin1(await this.#tree.target(node));
        return [headReply(unique, target.length), target];
      }
      case "opendir":
        return [openDirectoryReply(unique, this.#tree.isFixed(node))];
      case "getxattr":
        return sized(unique, request.size, await this.#xattr(node, request.name));
      case "listxattr":
        return sized(unique, request.size, await this.#xattrNames(node));
      case "lseek":
        return [await this.#seek(unique, node, request.offset, request.whence)];
      case "statfs":
        return [statfsReply(unique)];
      case "releasedir":
      case "destroy":
        return [errorReply(unique)];
      case "forget":
      case "interrupt":
        return undefined;
      case "other":
        return [errorReply(unique, ENOSYS)];
    }
  }

  /** The kernel's number for a node, and back: its root is 1. */
  #swap(id: number): number {
    if (id === ROOT) return this.#tree.root;
    return id === this.#tree.root ? ROOT : id;
  }

  #attributes(node: Node) {
    return fuseAttributes(node, this.#swap(node.id));
  }

  async #lookup(unique: number, directory: number, name: string): Promise<Uint8Array> {
    const found = await this.#tree.lookup(directory, name);
    if (found === undefined) return entryReply(unique, undefined, this.#tree.lifetime(directory));
    return entryReply(unique, this.#attributes(found), this.#tree.lifetime(found.id));
  }

  async #read(
    { unique, node, offset, size }: Extract<FuseRequest, { op: "read" }>,
    reply: Reply,
  ): Promise<void> {
    if (offset === 0) await this.#ahead?.asked(node);
    await this.#tree.read(this.#swap(node), offset, size, (pieces) => {
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
      const few = pieces.length <= PIECES_MAX ? pieces : [concatBytes(pieces)];
      reply([headReply(unique, length), ...few]);
    });
  }

  async #list(
    { unique, node, offset, size, op }: Extract<FuseRequest, { op: "readdir" | "readdirplus" }>,
    reply: Reply,
  ): Promise<void> {
    const entries = new DirectoryReply(unique, Math.min(size, READ_BYTES_MAX), op === "readdirplus");
    if (offset < 1) entries.add({ name: ".", next: 1 }, 0);
    if (offset < DOTS) entries.add({ name: "..", next: DOTS }, 0);
    const given: Node[] = [];
    try {
      for await (const listed of this.#tree.list(this.#swap(node), Math.max(0, offset - DOTS))) {
        const attributes = this.#attributes(listed);
        const entry = { name: listed.name, next: listed.next + DOTS, attributes };
        if (!entries.add(entry, this.#tree.lifetime(listed.id))) break;
        given.push(listed);
      }
    } catch (error) {
      // What comes before it is given out; the next call meets it again.
      if (entries.isEmpty) throw error;
    }
    reply([entries.bytes]);
    if (op === "readdirplus") this.#ahead?.listed(given);
  }

  async #xattr(node: number, name: string): Promise<Uint8Array | number> {
    return (await this.#tree.xattrs(node)).find(([other]) => other === name)?.[1] ?? ENODATA;
  }

  async #xattrNames(node: number): Promise<Uint8Array> {
    const xattrs = await this.#tree.xattrs(node);
    return fromLatin1(xattrs.map(([name]) => name + "\0").join(""));
  }

  async #seek(unique: number, node: number, offset: number, whence: number): Promise<Uint8Array> {
    const [holes, { size }] = await Promise.all([this.#tree.holes(node), this.#tree.stat(node)]);
    const found = seek(holes, size, offset, whence);
    return found === undefined ? errorReply(unique, ENXIO) : offsetReply(unique, found);
  }
}

/** A value for which the caller has `size` bytes; with 0 it only wants to know how many it takes. */
function sized(unique: number, size: number, value: Uint8Array | number): readonly Uint8Array[] {
  if (typeof value === "number") return [errorReply(unique, value)];
  if (size === 0) return [sizeReply(unique, value.length)];
  if (value.length > size) return [errorReply(unique, ERANGE)];
  return [headReply(unique, value.length), value];
}
