import { fromHex } from "../base/bytes.ts";
import { Mutex } from "../base/mutex.ts";
import { sha256, sha256Hex } from "../base/digest.ts";
import { compressFrame } from "../blob/zstd.ts";
import type { Index } from "../index/index.ts";
import type { PageSummary } from "../index/pages.ts";
import type { Entry, Place } from "../model/entry.ts";
import { encodeListPage, encodePage } from "../model/page.ts";
import { endsListPage, PAGE_ENTRIES_MAX } from "../model/page_cut.ts";
import type { BlobWriter } from "./blob_writer.ts";
import { type ChunkClaims, Places } from "./chunk_claims.ts";
import type { PageDraft } from "./page_draft.ts";

/** A file with more chunks than this keeps them in list pages of its own. */
const CHUNKS_IN_ENTRY = 1024;

export function hasManyChunks(chunks: readonly Place[]): boolean {
  return chunks.length > CHUNKS_IN_ENTRY;
}

const encoder = new TextEncoder();

/** Turns finished drafts into pages of the index, and brings to the store the pages that it has not. */
export class PageStore {
  readonly #index: Index;
  readonly #claims: ChunkClaims;
  readonly #writer: BlobWriter;
  readonly #level: number;
  readonly #writing = new Mutex();

  constructor(index: Index, claims: ChunkClaims, writer: BlobWriter, compressionLevel: number) {
    this.#index = index;
    this.#claims = claims;
    this.#writer = writer;
    this.#level = compressionLevel;
  }

  /** Keeps the page in the index; `undefined` where no entry is left in it. */
  keep(snapshot: string, draft: PageDraft): PageSummary | undefined {
    const entries = draft.entries;
    if (entries.length === 0) return undefined;
    const text = encoder.encode(encodePage(entries));
    const files = entries.filter((entry) => entry.kind === "file");
    return this.#index.pages.add(snapshot, {
      firstPath: entries[0].path,
      lastPath: entries[entries.length - 1].path,
      id: sha256Hex(text),
      length: text.length,
      entries: entries.length,
      files: files.length,
      directories: entries.filter((entry) => entry.kind === "directory").length,
      bytes: files.reduce((sum, file) => sum + (file.hardlink === undefined ? file.size! : 0), 0),
      blobs: this.#blobsOf(entries),
      stamps: draft.stamps,
      frame: compressFrame(text, this.#level),
    });
  }

  /** Writes list pages for the chunks of one file; their places are known when they are in the store. */
  listChunks(chunks: readonly Place[]): Promise<Places> {
    return this.#writing.run(() => this.#listChunks(chunks));
  }

  async #listChunks(chunks: readonly Place[]): Promise<Places> {
    const lists = new Places();
    for (const run of listRuns(chunks)) {
      const text = encoder.encode(encodeListPage(run));
      const id = sha256(text);
      const blobs = [...new Set(run.map((chunk) => chunk.blob))];
      this.#index.addListBlobs(id.toString("hex"), blobs.map((blob) => this.#index.blobs.numberOf(blob)));
      if (this.#claims.claim(id, lists)) {
        await this.#writer.addFrame(compressFrame(text, this.#level), text.length, id);
      }
    }
    return lists;
  }

  /** Adds the pages that the store has not; resolves when it has all. */
  async bring(pages: readonly PageSummary[]): Promise<number> {
    let brought = 0;
    for (const page of pages) {
      const id = fromHex(page.id);
      if (!this.#claims.claim(id, new Places())) continue;
      await this.#writer.addFrame(this.#index.pages.frame(page.number), page.length, id);
      brought++;
    }
    await this.#writer.flush();
    return brought;
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  #blobsOf(entries: readonly Entry[]): number[] {
    const ids = new Set<string>();
    const numbers = new Set<number>();
    for (const { chunks, lists } of entries) {
      chunks?.forEach((chunk) => ids.add(chunk.blob));
      lists?.forEach((list) => {
        ids.add(list.blob);
        this.#index.listBlobs(list.id).forEach((number) => numbers.add(number));
      });
    }
    for (const id of ids) numbers.add(this.#index.blobs.numberOf(id));
    return [...numbers].sort((a, b) => a - b);
  }
}

function* listRuns(chunks: readonly Place[]): Generator<readonly Place[]> {
  let start = 0;
  for (let i = 0; i < chunks.length; i++) {
    const isLast = i === chunks.length - 1;
    if (isLast || endsListPage(chunks[i].id) || i + 1 - start === PAGE_ENTRIES_MAX) {
      yield chunks.slice(start, i + 1);
      start = i + 1;
    }
  }
}
