import { NotFoundError } from "../../base/errors.ts";
import type { FuseDevice } from "../../platform/fuse/device.ts";
import { errorReply } from "../../platform/fuse/replies.ts";
import { decodeRequest, type FuseRequest } from "../../platform/fuse/requests.ts";
import { EINTR, EIO, ENOENT } from "../../platform/libc.ts";
import type { Tree } from "../browse/tree.ts";
import { Answers, type Reply } from "./answers.ts";
import type { FilesAhead } from "./files_ahead.ts";

/** How long to wait for the next request before this thread turns to other things: those who read file after file ask again at once. */
const LINGER_MS = 1;
/** Requests that are begun before the thread turns to what comes from the store. */
const REQUESTS_AT_ONCE = 32;
/** Turns of the queue of promises in which what is in memory is surely answered. */
const TURNS = 64;
/** Anything else than a request is looked at so often at least. */
const WAIT_MS = 1000;

/** What was asked and is not answered yet. */
interface Pending {
  isInterrupted: boolean;
}

/** Serves a tree to the kernel until the mount is gone. */
export class MountSession {
  readonly #device: FuseDevice;
  readonly #ahead: FilesAhead;
  readonly #answers: Answers;
  readonly #onLoss: (error: Error) => void;
  readonly #pending = new Map<number, Pending>();
  #failure: Error | undefined;

  /** `onLoss` is called for every request that ends with an input/output error. */
  constructor(device: FuseDevice, tree: Tree, ahead: FilesAhead, onLoss: (error: Error) => void) {
    this.#device = device;
    this.#ahead = ahead;
    this.#answers = new Answers(tree, ahead);
    this.#onLoss = onLoss;
  }

  /** Resolves when the mount is gone, whoever unmounted it. Throws `SystemError` where the kernel does not talk to us any more. */
  async run(): Promise<void> {
    for (;;) {
      let begun = 0;
      for (let request = this.#device.read(); request !== undefined; request = this.#device.read()) {
        if (request === "gone") return;
        this.#serve(decodeRequest(request)).catch((error) => this.#failure ??= error);
        if (++begun >= REQUESTS_AT_ONCE) break;
      }
      for (let turn = 0; this.#pending.size > 0 && turn < TURNS; turn++) await null;
      if (this.#failure !== undefined) throw this.#failure;
      if (begun === REQUESTS_AT_ONCE) await nextTurn();
      else if (this.#isAtWork || !this.#device.waitHere(LINGER_MS)) await this.#device.wait(WAIT_MS);
    }
  }

  /** Whether this thread has something else to do than to wait for a request. */
  get #isAtWork(): boolean {
    return this.#pending.size > 0 || this.#ahead.isAtWork;
  }

  async #serve(request: FuseRequest): Promise<void> {
    if (request.op === "interrupt") return this.#interrupt(request.interrupted);
    const pending = { isInterrupted: false };
    this.#pending.set(request.unique, pending);
    await this.#answer(request, (pieces) => {
      if (!pending.isInterrupted) this.#device.reply(pieces);
    });
    this.#pending.delete(request.unique);
  }

  async #answer(request: FuseRequest, reply: Reply): Promise<void> {
    try {
      await this.#answers.to(request, reply);
    } catch (error) {
      if (this.#device.isClosed) return;
      if (error instanceof NotFoundError) return reply([errorReply(request.unique, ENOENT)]);
      this.#onLoss(error as Error);
      reply([errorReply(request.unique, EIO)]);
    }
  }

  /** Who asked does not want to wait any more; what was begun for it goes on, for the cache. */
  #interrupt(unique: number): void {
    const pending = this.#pending.get(unique);
    if (pending === undefined || pending.isInterrupted) return;
    pending.isInterrupted = true;
    this.#device.reply([errorReply(unique, EINTR)]);
  }
}

/** Resolves when all that has arrived from elsewhere was looked at. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
