import { concatBytes } from "../base/bytes.ts";
import type { Peer } from "../base/rpc.ts";
import type { Path } from "../model/path.ts";
import type { Claim, ReadBatch, ReadOutcome } from "./backup_messages.ts";
import { type ChunkClaims, Places } from "./chunk_claims.ts";

/** A batch is sent when it has so many files or bytes. */
const BATCH_FILES = 256;
const BATCH_BYTES = 4 * 1024 * 1024;

const ID_BYTES = 32;

/** A file whose contents are wanted. */
export interface Wanted {
  readonly path: Path;
  readonly size: number;
  readonly stamp: Uint8Array;
  /** Called once: when the file was read and its chunks are stored, or it could not be read. */
  readonly onRead: (places: readonly Places["all"][number][], outcome: ReadOutcome | undefined) => void;
}

interface InFlight {
  readonly files: readonly Wanted[];
  readonly places: Places[];
}

/** Sends files to the readers in batches, a bounded number at a time, and answers their claims. */
export class ReadQueue {
  readonly #peer: Peer;
  readonly #claims: ChunkClaims;
  readonly #limit: number;
  readonly #batches = new Map<number, InFlight>();
  readonly #running = new Set<Promise<void>>();
  #next: Wanted[] = [];
  #nextBytes = 0;
  #number = 0;
  #failure: { readonly error: unknown } | undefined;
  bytesNew = 0;

  constructor(peer: Peer, claims: ChunkClaims, batchesInFlight: number) {
    this.#peer = peer;
    this.#claims = claims;
    this.#limit = batchesInFlight;
  }

  /** Waits while the readers are busy enough; throws where one failed. */
  async add(wanted: Wanted): Promise<void> {
    this.#next.push(wanted);
    this.#nextBytes += wanted.size;
    if (this.#next.length >= BATCH_FILES || this.#nextBytes >= BATCH_BYTES) await this.#send();
  }

  /** Resolves when every file was read (its chunks may still be on their way to the store). */
  async finish(): Promise<void> {
    if (this.#next.length > 0) await this.#send();
    await Promise.all(this.#running);
    this.#check();
  }

  /** Serves the readers' `claim`: for each chunk 1 where it must be stored. */
  claim({ batch, groups, ids, lengths }: Claim): Uint8Array {
    const { places } = this.#batches.get(batch)!;
    const wanted = new Uint8Array(lengths.length);
    let chunk = 0;
    for (let group = 0; group < groups.length; group += 3) {
      const [file, count, isRestart] = groups.subarray(group, group + 3);
      if (isRestart === 1) places[file] = new Places();
      for (const end = chunk + count; chunk < end; chunk++) {
        if (!this.#claims.claim(ids.subarray(chunk * ID_BYTES, (chunk + 1) * ID_BYTES), places[file])) {
          continue;
        }
        wanted[chunk] = 1;
        this.bytesNew += lengths[chunk];
      }
    }
    return wanted;
  }

  async #send(): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#check();
    const files = this.#next;
    this.#next = [];
    this.#nextBytes = 0;
    const number = this.#number++;
    this.#batches.set(number, { files, places: files.map(() => new Places()) });
    const running = this.#read(number, files)
      .catch((error) => void (this.#failure ??= { error }))
      .then(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  async #read(batch: number, files: readonly Wanted[]): Promise<void> {
    const request: ReadBatch = {
      batch,
      paths: files.map((file) => file.path),
      stamps: concatBytes(files.map((file) => file.stamp)),
    };
    const outcomes = await this.#peer.call<ReadOutcome[]>("read", request);
    const byFile = new Map(outcomes.map((outcome) => [outcome.file, outcome]));
    const { places } = this.#batches.get(batch)!;
    this.#batches.delete(batch);
    files.forEach((file, i) => {
      places[i].whenComplete(() => file.onRead(places[i].all, byFile.get(i)));
    });
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
