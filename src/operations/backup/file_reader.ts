import { ID_BYTES } from "../../base/digest.ts";
import { Mutex } from "../../base/mutex.ts";
import type { Remote } from "../../threads/rpc.ts";
import { type ChunkSizes, chunkSizes, Cutter } from "../../chunk/fastcdc.ts";
import { gearTable } from "../../chunk/gear.ts";
import { STAMP_BYTES, stampSize } from "../../scan/stamp.ts";
import { BlobWriter } from "../../write/blob_writer.ts";
import { blobCalls } from "../../write/blob_calls.ts";
import { Lane, LANE_SLACK_BYTES } from "./lane.ts";
import { type CutChunks, Cutting } from "./cutting.ts";
import type { Claim, ReadBatch, ReaderNeeds, ReaderOptions } from "./messages.ts";
import type { ReadOutcome } from "../../write/read_outcome.ts";

/** For batches in which no file is larger than the slack. */
const SMALL_LANE_BYTES = 1.25 * 1024 * 1024;

/** Reads batches of files: chunks and hashes them, asks which chunks are new, and writes those to blobs. */
export class FileReader {
  readonly #sizes: ChunkSizes;
  readonly #cutter: Cutter;
  readonly #writer: BlobWriter;
  readonly #writing = new Mutex();
  readonly #remote: Remote<ReaderNeeds>;
  /** Several batches are read at the same time: while one waits for an answer another uses the processor. */
  readonly #large: Lane;
  readonly #small: readonly Lane[];

  constructor(options: ReaderOptions, remote: Remote<ReaderNeeds>) {
    this.#sizes = chunkSizes(options.chunkSizeBytes);
    this.#cutter = new Cutter(gearTable(options.seed), this.#sizes);
    this.#remote = remote;
    this.#writer = new BlobWriter({
      ...options,
      ...blobCalls(remote, "blobs"),
    });
    const pull = (stream: number) => remote.pull(stream);
    const lane = (bytes: number) => new Lane(new Cutting(this.#sizes, this.#cutter, bytes), pull);
    this.#large = lane(LANE_SLACK_BYTES + this.#sizes.max);
    this.#small = [1, 2].map(() => lane(SMALL_LANE_BYTES));
  }

  /** Resolves when every chunk of the batch is known or in a blob (which need not be stored yet). */
  read(batch: ReadBatch): Promise<ReadOutcome[]> {
    const usable = hasLarge(batch) ? [this.#large] : [this.#large, ...this.#small];
    const lane = usable.reduce((least, other) => (other.batches < least.batches ? other : least));
    return lane.read(batch, (claim, chunks) => this.#submit(claim, chunks));
  }

  async flush(): Promise<void> {
    await this.#writing.run(() => this.#writer.flush());
  }

  async #submit(claim: Claim, { bytes, ends, owners }: CutChunks): Promise<void> {
    const wanted = await this.#remote.claim(claim);
    await this.#writing.run(async () => {
      for (let i = 0, start = 0; i < ends.length; start = ends[i++]!) {
        if (wanted[i] === 0) continue;
        const waiting = this.#writer.add(
          bytes.subarray(start, ends[i]),
          claim.ids,
          i * ID_BYTES,
          owners[i],
        );
        if (waiting !== undefined) await waiting;
      }
    });
  }
}

/** Whether the batch is a stream, or a file of it is larger than a small lane takes. */
function hasLarge({ stamps, stream }: ReadBatch): boolean {
  if (stream !== undefined) return true;
  for (let at = 0; at < stamps.length; at += STAMP_BYTES) {
    if (stampSize(stamps, at) > LANE_SLACK_BYTES) return true;
  }
  return false;
}
