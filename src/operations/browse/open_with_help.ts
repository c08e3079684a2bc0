import { release } from "../../base/bytes.ts";
import { decompressSteps } from "../../blob/zstd_steps.ts";
import { openPieces } from "../../seal/payload.ts";
import { type FrameRequest, openFrame } from "./open_frame.ts";
import type { OpenProgress } from "./open_progress.ts";
import { hasScratch, scratchFor } from "./sealed_frame.ts";

/** To wake another thread takes a tenth of a millisecond, in which about so much is hashed. */
const CHUNK_BYTES_MIN = 256 * 1024;

type SharedRequest = FrameRequest & { readonly into: Uint8Array };

/** Whether another thread is of use: a large chunk takes as long to hash as to open. */
export function isWorthHelp(request: FrameRequest): request is SharedRequest {
  return request.into !== undefined && request.chunk.length >= CHUNK_BYTES_MIN &&
    hasScratch(request.sealed) && decompressSteps() !== undefined;
}

/** As `openFrame`, while another thread does `hashOpened`; where that does not answer, this one does. */
export function openWithHelp(request: SharedRequest, progress: OpenProgress): Uint8Array {
  // What is wrong with a frame, the other way says.
  if (!openInSteps(request, progress)) return openFrame(request);
  release(request.sealed);
  return request.into;
}

/** Whether the frame is open, and its chunk the right one. */
function openInSteps(request: SharedRequest, progress: OpenProgress): boolean {
  const { key, first, plainTotal, skip, stored, sealed, into } = request;
  const scratch = scratchFor(sealed);
  const frame = decompressSteps()!(scratch.subarray(skip, skip + stored), into);
  try {
    openPieces(key, first, sealed, plainTotal, scratch, (bytes) => {
      const opened = frame.arrived(Math.min(bytes - skip, stored));
      if (opened !== undefined && opened > 0) progress.opened(opened);
    });
    return frame.isWhole && progress.verdict() === true;
  } finally {
    progress.giveUp();
  }
}
