import { isDoneWithin } from "../../base/clock.ts";
import { CorruptionError } from "../../base/errors.ts";
import { StoreNotices } from "../../platform/fuse/notices.ts";
import type { Node, Tree } from "../browse/tree.ts";

/** Larger files are worth a question of their own. */
const FILE_BYTES_MAX = 64 * 1024;
/** What is put into the kernel's cache at a time, and in one step of it: between two, requests are answered. */
const AHEAD_BYTES = 1024 * 1024;
const STEP_BYTES = 96 * 1024;
/** So long at most who asks for a file waits for the next ones: from memory they take less, and what comes from afar is not worth it. */
const WAIT_MS = 20;
/** So many files were read one after the other. */
const IN_ORDER_MIN = 2;
/** Files follow each other where their numbers do, but for a few directories and links between them. */
const NEAR = 16;
/** Listed files that are remembered. */
const LISTED_MAX = 65_536;

/** Sends messages to the kernel, on another thread; false where it takes none. */
export type SendNotices = (notices: Uint8Array<ArrayBuffer>) => Promise<boolean>;

/**
 * Puts small files into the kernel's cache before they are asked for, where a program reads one after the other: to be asked costs more than
 * all else. Only files that were listed are known to the kernel.
 */
export class FilesAhead {
  readonly #tree: Tree;
  readonly #send: SendNotices;
  /** Sizes of small files that were listed and not put there, by number. */
  readonly #listed = new Map<number, number>();
  /** Number of the last file that was read or put there, and how many before it were read in order. */
  #last = 0;
  #inOrder = 0;
  #work: Promise<void> | undefined;
  #sending = Promise.resolve(true);
  #isOff = false;

  constructor(tree: Tree, send: SendNotices) {
    this.#tree = tree;
    this.#send = send;
  }

  /** A directory was listed, or a part of it. */
  listed(nodes: readonly Node[]): void {
    if (this.#listed.size > LISTED_MAX) this.#listed.clear();
    for (const { id, attributes } of nodes.filter(isSmallFile)) this.#listed.set(id, attributes.size);
  }

  /**
   * A file is asked for. To be called before it is read: resolves when the next ones are in the kernel's cache, where that is of use and takes
   * no long time. Who was answered before would ask for each of them while it is on its way.
   */
  async asked(node: number): Promise<void> {
    if (this.#work !== undefined || !this.#listed.delete(node)) return;
    this.#inOrder = this.#follows(node) ? this.#inOrder + 1 : 0;
    this.#last = node;
    if (this.#inOrder < IN_ORDER_MIN) return;
    this.#begin(node + 1);
    if (this.#work !== undefined) await isDoneWithin(WAIT_MS, this.#work);
  }

  get isAtWork(): boolean {
    return this.#work !== undefined;
  }

  /** Resolves when nothing is sent any more; whoever answers the kernel must do so until then. What is still read is not waited for. */
  async end(): Promise<void> {
    this.#isOff = true;
    await this.#sending;
  }

  #follows(node: number): boolean {
    return node > this.#last && node - this.#last <= NEAR;
  }

  #begin(first: number): void {
    if (this.#isOff || this.#work !== undefined) return;
    this.#work = this.#putThere(first).finally(() => this.#work = undefined);
  }

  async #putThere(first: number): Promise<void> {
    let notices = new StoreNotices(STEP_BYTES);
    const send = async () => {
      if (notices.bytes.length === 0) return;
      if (!await this.#sending) this.#isOff = true;
      // Where it fails, files are read when they are asked for.
      if (!this.#isOff) this.#sending = this.#send(notices.bytes).catch(() => false);
      notices = new StoreNotices(STEP_BYTES);
    };
    for (const [node, size] of this.#following(first)) {
      if (notices.room < size) await send();
      if (this.#isOff) break;
      await this.#add(node, size, notices);
    }
    await send();
    if (!await this.#sending) this.#isOff = true;
  }

  /** Files from `first` on, as many as may be put there at a time; they count as that from now on. */
  *#following(first: number): Generator<[node: number, size: number]> {
    let left = AHEAD_BYTES;
    for (let node = first; node <= Math.max(first, this.#last) + NEAR; node++) {
      const size = this.#listed.get(node);
      if (size === undefined) continue;
      left -= size;
      if (left < 0) return;
      this.#listed.delete(node);
      this.#last = node;
      yield [node, size];
    }
  }

  /** What is lost is an error for who asks for it. */
  async #add(node: number, size: number, notices: StoreNotices): Promise<void> {
    try {
      await this.#tree.read(node, 0, size, (pieces) => {
        const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
        if (length === size) notices.add(node, pieces, size);
      });
    } catch (error) {
      if (!(error instanceof CorruptionError)) this.#isOff = true;
    }
  }
}

function isSmallFile({ attributes: { kind, size } }: Node): boolean {
  return kind === "file" && size > 0 && size <= FILE_BYTES_MAX;
}
