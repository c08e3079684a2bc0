import { sendNotices } from "../../platform/fuse/notices.ts";
import { isWorker, type NoCalls, Peer, type Port } from "../../threads/rpc.ts";

/** Messages to the kernel. */
export interface Notices {
  /** Of the mount. */
  readonly fd: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface NoticeApi {
  /** False where the mount takes none. */
  send(notices: Notices): boolean;
}

/** A thread that tells the kernel what it may keep, behind `port`: it may have to wait until another one has answered. */
export function serve(port: Port): void {
  new Peer<NoCalls, NoticeApi>(port, { send: ({ fd, bytes }) => sendNotices(fd, bytes) });
}

if (isWorker()) serve(self as unknown as Port);
