import { ID_BYTES } from "../../base/digest.ts";
import { type Sha256Parts, sha256Parts } from "../../platform/sha256.ts";
import { isHexOf } from "../../read/chunk_id.ts";
import { OpenProgress } from "./open_progress.ts";
import type { ChunkInFrame } from "./sealed_frame.ts";

/** A chunk that is to be hashed while its frame is opened by another thread. */
export interface HashRequest {
  /** Where the frame is opened, in memory that threads share. */
  readonly into: Uint8Array;
  readonly chunk: ChunkInFrame;
  /** Memory of the {@link OpenProgress}. */
  readonly progress: SharedArrayBuffer;
}

let parts: Sha256Parts | undefined;
const digest = new Uint8Array(ID_BYTES);

/** Hashes a chunk up to where it is there, and then says whether it is the right one. Stops this thread until then. */
export function hashOpened({ into, chunk, progress: memory }: HashRequest): void {
  const progress = new OpenProgress(memory);
  parts ??= sha256Parts();
  parts.begin();
  let opened = 0;
  for (let done = 0; done < chunk.length;) {
    const more = progress.moreThan(opened);
    if (more === undefined) return;
    opened = more;
    const to = Math.min(chunk.length, opened - chunk.offset);
    if (to <= done) continue;
    parts.add(into.subarray(chunk.offset + done, chunk.offset + to));
    done = to;
  }
  parts.end(digest, 0);
  progress.judge(isHexOf(chunk.id, digest));
}
