import { SearchedBytes } from "../../platform/searched_bytes.ts";
import { isWorker, Moved, type NoCalls, Peer, type Port } from "../../threads/rpc.ts";
import { hashOpened, type HashRequest } from "./hash_opened.ts";
import { type FrameRequest, openFrame } from "./open_frame.ts";
import { searchFrames, type SearchRequest, type TextOf } from "./search_frames.ts";
import { LineNumbers, type SentPages } from "./sent_lines.ts";

/** Smaller buffers may be parts of a pool that others use. */
const OWN_MEMORY_BYTES = 64 * 1024;

/** A buffer that holds nothing else, to be given away. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength >= OWN_MEMORY_BYTES ? bytes : new Uint8Array(bytes);
}

const decoder = new TextDecoder();

/** Where every line is looked at, a string of all of them is cheaper than one of each. */
const textOf: TextOf = (page, { literal }) =>
  (literal === "" ? undefined : SearchedBytes.of(page as Uint8Array<ArrayBuffer>)) ?? decoder.decode(page);

export interface FrameApi {
  /** `undefined` where it is in the memory that was given. */
  open(request: FrameRequest): Uint8Array | undefined;
  search(request: SearchRequest): SentPages;
  hash(request: HashRequest): void;
}

/** A thread that opens frames, behind `port`. */
export function serve(port: Port): void {
  const lines = new LineNumbers();
  new Peer<NoCalls, FrameApi>(port, {
    open: (request) => {
      const opened = openFrame(request);
      if (request.into !== undefined) return undefined;
      const bytes = ownBytes(opened);
      return new Moved(bytes, [bytes.buffer as ArrayBuffer]);
    },
    search: (request) => lines.sent(searchFrames(request, textOf)),
    hash: hashOpened,
  });
}

if (isWorker()) serve(self as unknown as Port);
