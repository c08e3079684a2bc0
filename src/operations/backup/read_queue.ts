import { ID_BYTES } from "../../base/digest.ts";
import { packPaths, type Path } from "../../model/path.ts";
import { type PathAlias, realPath } from "../../model/path_alias.ts";
import type { Remote } from "../../threads/rpc.ts";
import { STAMP_BYTES } from "../../scan/stamp.ts";
import type { Claim, IndexNeeds, ReadBatch } from "./messages.ts";
import type { ReadOutcome } from "../../write/read_outcome.ts";
import type { ChunkClaims } from "../../write/chunk_claims.ts";
import { Growth } from "./growth.ts";
import type { PageDraft } from "../../write/page_draft.ts";

/** A batch is sent when it has so many files or bytes. */
const BATCH_FILES = 512;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Files whose contents are wanted: entry `entries[n]` of `drafts[n]`; or one that is a stream. */
class Batch {
  /** Its number. */
  readonly stream: number | undefined;
  readonly drafts: PageDraft[] = [];
  readonly entries: number[] = [];
  bytes = 0;
  /** Bytes of it that were read. */
  claimed = 0;
  /** Of each file, the bytes that the store did not have. */
  readonly fresh = new Map<number, number>();

  constructor(stream?: number) {
    this.stream = stream;
  }

  add(draft: PageDraft, i: number, size: number): void {
    this.drafts.push(draft);
    this.entries.push(i);
    this.bytes += size;
  }

  get isFull(): boolean {
    return this.entries.length >= BATCH_FILES || this.bytes >= BATCH_BYTES;
  }

  request(number: number, aliases: readonly PathAlias[]): ReadBatch {
    const stamps = new Uint8Array(this.entries.length * STAMP_BYTES);
    this.drafts.forEach((draft, file) => draft.saveStamp(this.entries[file]!, stamps, file * STAMP_BYTES));
    return {
      batch: number,
      paths: packPaths(this.drafts.map(({ paths }, file) => realPath(aliases, paths[this.entries[file]!]!))),
      stamps,
      stream: this.stream,
    };
  }
}

/** Called when a file was read: its chunks are in `draft.chunks`, known or on their way to the store. */
export type OnRead = (draft: PageDraft, i: number, outcome: ReadOutcome | undefined) => void;

/** Sends files to the readers in batches, a bounded number at a time, and answers their claims. */
export class ReadQueue {
  readonly #remote: Remote<Pick<IndexNeeds, "read">>;
  readonly #claims: ChunkClaims;
  readonly #limit: number;
  readonly #batches = new Map<number, Batch>();
  readonly #running = new Set<Promise<void>>();
  #next = new Batch();
  #number = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Where files are that the backup has under another path. */
  aliases: readonly PathAlias[] = [];
  bytesRead = 0;
  bytesNew = 0;
  readonly growth = new Growth();
  /** Of files that are being read. */
  bytesBeingRead = 0;
  /** Of the file that was claimed last. */
  path: Path | undefined;
  /** Is called as reading gets on. */
  onProgress = () => {};

  constructor(remote: Remote<Pick<IndexNeeds, "read">>, claims: ChunkClaims, batchesInFlight: number) {
    this.#remote = remote;
    this.#claims = claims;
    this.#limit = batchesInFlight;
  }

  /** What to wait for, if anything: the readers are busy enough. That throws where one failed. */
  add(draft: PageDraft, i: number, size: number, onRead: OnRead): Promise<void> | undefined {
    this.#next.add(draft, i, size);
    return this.#next.isFull ? this.#sendNext(onRead) : undefined;
  }

  /** As {@link add}, of a file whose contents are stream `number`. */
  addStream(draft: PageDraft, i: number, number: number, onRead: OnRead): Promise<void> {
    const batch = new Batch(number);
    batch.add(draft, i, 0);
    return this.#send(batch, onRead);
  }

  /** As {@link add}, where no one can wait: it is sent with what is added next, or at the end. */
  addLater(draft: PageDraft, i: number, size: number): void {
    this.#next.add(draft, i, size);
  }

  /** Resolves when every file was read (its chunks may still be on their way to the store). */
  async finish(onRead: OnRead): Promise<void> {
    do {
      if (this.#next.entries.length > 0) await this.#sendNext(onRead);
      await Promise.all(this.#running);
      this.#check();
    } while (this.#next.entries.length > 0);
  }

  /** Serves the readers' `claim`: for each chunk 1 where it must be stored. */
  claim({ batch, groups, ids, lengths }: Claim): Uint8Array {
    const { drafts, entries, fresh } = this.#batches.get(batch)!;
    const bytesBefore = this.bytesRead;
    const wanted = new Uint8Array(lengths.length);
    let chunk = 0;
    for (let group = 0; group < groups.length; group += 3) {
      const file = groups[group]!;
      const { chunks } = drafts[file]!;
      const i = entries[file]!;
      if (groups[group + 2] === 1) chunks.dismiss(i);
      let bytesNew = 0;
      for (const end = chunk + groups[group + 1]!; chunk < end; chunk++) {
        if (!this.#claims.claim(chunks, i, ids, chunk * ID_BYTES, lengths[chunk]!)) continue;
        wanted[chunk] = 1;
        bytesNew += lengths[chunk]!;
      }
      if (bytesNew > 0) fresh.set(file, (fresh.get(file) ?? 0) + bytesNew);
    }
    for (let i = 0; i < lengths.length; i++) {
      this.bytesRead += lengths[i]!;
      if (wanted[i] === 1) this.bytesNew += lengths[i]!;
    }
    const last = groups[groups.length - 3];
    if (last !== undefined) this.path = drafts[last]!.paths[entries[last]!];
    this.#isRead(this.#batches.get(batch)!, this.bytesRead - bytesBefore);
    return wanted;
  }

  #isRead(batch: Batch, bytes: number): void {
    batch.claimed += bytes;
    this.bytesBeingRead += bytes;
    this.onProgress();
  }

  async #sendNext(onRead: OnRead): Promise<void> {
    await this.#hasRoom();
    const batch = this.#next;
    this.#next = new Batch();
    await this.#send(batch, onRead);
  }

  async #hasRoom(): Promise<void> {
    while (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#check();
  }

  async #send(batch: Batch, onRead: OnRead): Promise<void> {
    await this.#hasRoom();
    const number = this.#number++;
    this.#batches.set(number, batch);
    const running = this.#read(number, batch, onRead)
      .catch((error) => void (this.#failure ??= { error }))
      .then(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  async #read(number: number, batch: Batch, onRead: OnRead): Promise<void> {
    const outcomes = await this.#remote.read(batch.request(number, this.aliases));
    const byFile = new Map(outcomes.map((outcome) => [outcome.file, outcome]));
    this.#batches.delete(number);
    this.bytesBeingRead -= batch.claimed;
    for (const [file, bytes] of batch.fresh) {
      this.growth.add(batch.drafts[file]!.paths[batch.entries[file]!]!, bytes);
    }
    batch.drafts.forEach((draft, file) => onRead(draft, batch.entries[file]!, byFile.get(file)));
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
