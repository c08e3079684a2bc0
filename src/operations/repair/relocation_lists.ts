import { fromHex } from "../../base/bytes.ts";
import { sha256Hex } from "../../base/digest.ts";
import { compressFrame } from "../../blob/zstd.ts";
import type { Upload } from "../../index/blobs.ts";
import { unpackChunks } from "../../index/packed_chunks.ts";
import type { Place } from "../../model/entry.ts";
import type { NamedBlob } from "../../model/blob_list.ts";
import type { RelocationRef } from "../../model/manifest.ts";
import { encodeListPage } from "../../model/page.ts";
import type { BlobWriter } from "../../write/blob_writer.ts";
import type { HostTools } from "../../read/hosts.ts";
import { pageBlobWriter, type SealOptions } from "./page_blob_writer.ts";

const encoder = new TextEncoder();

/** A list page, and the page blob that holds it. */
export interface StoredList {
  readonly ref: RelocationRef;
  readonly object: NamedBlob;
}

/** Writes list pages that say where the chunks of lost blobs are now. */
export class RelocationLists {
  readonly #level: number;
  readonly #writer: BlobWriter;
  /** Lost blobs by the page that tells of them: what was in two of them may be in one place now. */
  readonly #lost = new Map<string, string[]>();
  readonly #lists = new Map<string, StoredList>();

  constructor(tools: HostTools, options: SealOptions) {
    this.#level = options.compressionLevel;
    this.#writer = pageBlobWriter(tools, options, (upload) => this.#note(upload));
  }

  /** Chunks of the blob `lost` are at `places` now. */
  async add(lost: string, places: readonly Place[]): Promise<void> {
    const text = encoder.encode(encodeListPage(places));
    const page = sha256Hex(text);
    const same = this.#lost.get(page);
    if (same !== undefined) return void same.push(lost);
    this.#lost.set(page, [lost]);
    await this.#writer.addFrame(compressFrame(text, this.#level), text.length, fromHex(page));
  }

  /** Resolves when the store has them all: the list of each lost blob. */
  async flush(): Promise<ReadonlyMap<string, StoredList>> {
    await this.#writer.flush();
    return this.#lists;
  }

  #note({ id, size, chunks }: Upload): void {
    for (const { id: page, offset, length } of unpackChunks(id, size, chunks)) {
      for (const lost of this.#lost.get(page)!) {
        this.#lists.set(lost, {
          ref: [lost, id, size, offset, length, page],
          object: ["pages", id, size],
        });
      }
    }
  }
}
