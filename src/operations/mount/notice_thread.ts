import type { FuseDevice, WriterEnd } from "../../platform/fuse/device.ts";
import { Thread } from "../../threads/thread.ts";
import type { SendNotices } from "./files_ahead.ts";
import type { NoticeApi } from "./notice_worker.ts";

/** A thread that tells the kernel what it may keep; it starts with the first message. */
export class NoticeThread implements Disposable {
  readonly #device: FuseDevice;
  #started: { readonly thread: Thread<NoticeApi>; readonly end: WriterEnd } | undefined;

  constructor(device: FuseDevice) {
    this.#device = device;
  }

  readonly send: SendNotices = async (bytes) => {
    const { thread, end } = this.#started ??= this.#start();
    return await thread.remote.send({ fd: end.fd, bytes }, [bytes.buffer]);
  };

  #start() {
    return {
      thread: new Thread<NoticeApi>(new URL("./notice_worker.ts", import.meta.url)),
      end: this.#device.writerEnd(),
    };
  }

  [Symbol.dispose](): void {
    this.#started?.thread.end(new Error("The mount has ended"));
    this.#started?.end[Symbol.dispose]();
  }
}
