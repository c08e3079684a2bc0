import { Thread } from "../../threads/thread.ts";
import type { FrameApi } from "./frame_worker.ts";
import type { FrameRequest } from "./open_frame.ts";

/** Opens frames, here or on other threads. May take the buffer of what is sealed. */
export type FrameOpener = (request: FrameRequest) => Promise<Uint8Array>;

/** Threads that open frames. */
export class FrameThreads implements Disposable {
  readonly #threads: { readonly thread: Thread<FrameApi>; waiting: number }[];

  constructor(count: number) {
    const url = new URL("./frame_worker.ts", import.meta.url);
    this.#threads = Array.from({ length: count }, () => ({ thread: new Thread<FrameApi>(url), waiting: 0 }));
  }

  readonly open: FrameOpener = async (request) => {
    const slot = this.#threads.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    slot.waiting++;
    try {
      return await slot.thread.remote.open(request, [request.sealed.buffer as ArrayBuffer]);
    } finally {
      slot.waiting--;
    }
  };

  [Symbol.dispose](): void {
    for (const { thread } of this.#threads) thread.end(new Error("The threads that open frames have ended"));
  }
}
