import { isWorker, Moved, type NoCalls, Peer, type Port } from "../../threads/rpc.ts";
import {
  type FrameRequest,
  openFrame,
  type SearchedPage,
  searchFrame,
  type SearchFrames,
} from "./open_frame.ts";

/** Smaller buffers may be parts of a pool that others use. */
const OWN_MEMORY_BYTES = 64 * 1024;

/** A buffer that holds nothing else, to be given away. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength >= OWN_MEMORY_BYTES ? bytes : new Uint8Array(bytes);
}

export interface FrameApi {
  open(request: FrameRequest): Uint8Array;
  search(request: SearchFrames): SearchedPage[][];
}

/** A thread that opens frames, behind `port`. */
export function serve(port: Port): void {
  new Peer<NoCalls, FrameApi>(port, {
    open: (request) => {
      const bytes = ownBytes(openFrame(request));
      return new Moved(bytes, [bytes.buffer as ArrayBuffer]);
    },
    search: ({ frames, test }) => frames.map((frame) => searchFrame(frame, test)),
  });
}

if (isWorker()) serve(self as unknown as Port);
