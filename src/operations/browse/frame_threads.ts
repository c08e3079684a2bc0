import { Thread } from "../../threads/thread.ts";
import type { Remote } from "../../threads/rpc.ts";
import type { FrameApi } from "./frame_worker.ts";
import {
  type FrameOpener,
  type FrameRequest,
  openFrame,
  type SealedFrame,
  type SearchedPage,
  type SearchFrames,
} from "./open_frame.ts";

/** Threads that open frames. One that is alone is opened by who asks: another thread would have to wake up first, and wake this one then. */
export class FrameThreads implements FrameOpener, Disposable {
  readonly #threads: { readonly thread: Thread<FrameApi>; waiting: number }[];

  constructor(count: number) {
    const url = new URL("./frame_worker.ts", import.meta.url);
    this.#threads = Array.from({ length: count }, () => ({ thread: new Thread<FrameApi>(url), waiting: 0 }));
  }

  async open(request: FrameRequest, isAlone = false): Promise<Uint8Array> {
    if (isAlone && this.#threads.every(({ waiting }) => waiting === 0)) return openFrame(request);
    return await this.#ask((thread) => thread.open(request, buffersOf([request])));
  }

  search(request: SearchFrames): Promise<SearchedPage[][]> {
    return this.#ask((thread) => thread.search(request, buffersOf(request.frames)));
  }

  /** Calls the thread that has the least to do. */
  async #ask<T>(call: (thread: Remote<FrameApi>) => Promise<T>): Promise<T> {
    const slot = this.#threads.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    slot.waiting++;
    try {
      return await call(slot.thread.remote);
    } finally {
      slot.waiting--;
    }
  }

  [Symbol.dispose](): void {
    for (const { thread } of this.#threads) thread.end(new Error("The threads that open frames have ended"));
  }
}

function buffersOf(frames: readonly SealedFrame[]): ArrayBuffer[] {
  return frames.map(({ sealed }) => sealed.buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}
