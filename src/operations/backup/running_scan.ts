import type { Upload } from "../../index/blobs.ts";
import type { Index } from "../../index/index.ts";
import type { KnownSnapshot } from "../../index/index.ts";
import type { FinishedBackup } from "../../index/known_page.ts";
import type { RootState } from "../../model/guard.ts";
import type { Remote } from "../../threads/rpc.ts";
import { blobCalls } from "../../write/blob_calls.ts";
import { BlobWriter } from "../../write/blob_writer.ts";
import { ChunkClaims } from "../../write/chunk_claims.ts";
import { type PageParts, PageStore } from "../../write/page_store.ts";
import type { Claim, IndexNeeds, ScanOptions, ScanResult } from "./messages.ts";
import { ReadQueue } from "./read_queue.ts";
import { ScanRun } from "./scan_run.ts";

/** Batches that wait for each reader, beside the one it works on. */
const BATCHES_PER_READER = 4;

/** A scan, and what readers and uploads tell it meanwhile. */
export class RunningScan {
  readonly #index: Index;
  readonly #remote: Remote<IndexNeeds>;
  readonly #options: ScanOptions;
  readonly #chunks: ChunkClaims;
  readonly #pages: ChunkClaims;
  readonly #queue: ReadQueue;
  /** What the index is to keep of it. */
  #done: { readonly finished: FinishedBackup; readonly roots: readonly RootState[] } | undefined;

  constructor(index: Index, remote: Remote<IndexNeeds>, options: ScanOptions, readers: number) {
    this.#index = index;
    this.#remote = remote;
    this.#options = options;
    this.#chunks = new ChunkClaims(index.blobs, "blobs");
    this.#pages = new ChunkClaims(index.blobs, "pages");
    this.#queue = new ReadQueue(remote, this.#chunks, readers * BATCHES_PER_READER);
  }

  async run(): Promise<ScanResult> {
    const run = new ScanRun({
      index: this.#index,
      queue: this.#queue,
      report: (event) => void this.#remote.report(event),
      storeAll: () => this.#remote.storeAll(),
      pageStore: (parts) => this.#pageStore(parts),
    }, this.#options);
    const { result, finished, roots } = await run.run();
    this.#done = { finished, roots };
    return result;
  }

  claim(claim: Claim): Uint8Array {
    return this.#queue.claim(claim);
  }

  /** A blob of this scan is stored, and has `number` in the index. */
  stored(upload: Upload, number: number): void {
    (upload.kind === "blobs" ? this.#chunks : this.#pages).stored(upload, number);
  }

  /** It is published as `snapshot`. */
  commit(snapshot: KnownSnapshot & { readonly isSuspicious: boolean }): void {
    if (this.#done === undefined) throw new Error("A scan that has not ended cannot be published");
    const { finished, roots } = this.#done;
    this.#index.blobs.sortIn();
    this.#index.addSnapshot(snapshot);
    this.#index.guards.add(snapshot.name, { ...snapshot, roots });
    this.#index.pages.finish(snapshot.name, snapshot.id, finished);
  }

  #pageStore(parts: PageParts): PageStore {
    const { compressionLevel } = this.#options;
    const writer = new BlobWriter({ compressionLevel, ...blobCalls(this.#remote, "pages") });
    return new PageStore(this.#index, this.#pages, writer, compressionLevel, parts);
  }
}
