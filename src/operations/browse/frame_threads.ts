import { Thread } from "../../threads/thread.ts";
import type { FrameApi } from "./frame_worker.ts";
import { type FrameOpener, type FrameRequest, openFrame } from "./open_frame.ts";
import { OpenProgress } from "./open_progress.ts";
import { isWorthHelp, openWithHelp } from "./open_with_help.ts";
import type { SearchedPage, SearchRequest } from "./search_frames.ts";
import { KnownLines } from "./sent_lines.ts";

/** A thread, how many wait for it, and the lines that it has sent. */
interface Slot {
  readonly thread: Thread<FrameApi>;
  readonly lines: KnownLines;
  waiting: number;
}

/**
 * Threads that open frames. One that is alone is opened by who asks: another thread would have to wake up first, and wake this one then. Of a
 * large one it hashes what is opened meanwhile.
 */
export class FrameThreads implements FrameOpener, Disposable {
  readonly #slots: readonly Slot[];

  constructor(count: number) {
    const url = new URL("./frame_worker.ts", import.meta.url);
    this.#slots = Array.from(
      { length: count },
      () => ({ thread: new Thread<FrameApi>(url), lines: new KnownLines(), waiting: 0 }),
    );
  }

  async open(request: FrameRequest, isAlone = false): Promise<Uint8Array> {
    if (isAlone && this.#slots.every(({ waiting }) => waiting === 0)) return this.#openHere(request);
    const bytes = await this.#ask(({ thread }) => thread.remote.open(request, buffersOf([request])));
    return bytes ?? request.into!;
  }

  #openHere(request: FrameRequest): Uint8Array {
    const helper = this.#slots[0];
    if (helper === undefined || !isWorthHelp(request)) return openFrame(request);
    const { into, chunk } = request;
    const progress = new OpenProgress();
    // What it has to say, it says there.
    helper.thread.remote.hash({ into, chunk, progress: progress.memory }).catch(() => {});
    return openWithHelp(request, progress);
  }

  search(request: SearchRequest): Promise<SearchedPage[]> {
    return this.#ask(async ({ thread, lines }) =>
      lines.received(await thread.remote.search(request, buffersOf(request.runs)))
    );
  }

  /** Calls the thread that has the least to do. */
  async #ask<T>(call: (slot: Slot) => Promise<T>): Promise<T> {
    const slot = this.#slots.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    slot.waiting++;
    try {
      return await call(slot);
    } finally {
      slot.waiting--;
    }
  }

  [Symbol.dispose](): void {
    for (const { thread } of this.#slots) thread.end(new Error("The threads that open frames have ended"));
  }
}

function buffersOf(sealed: readonly { readonly sealed: Uint8Array }[]): ArrayBuffer[] {
  return sealed.map(({ sealed }) => sealed.buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}
