import { sha256Hex } from "../../base/digest.ts";
import { NotFoundError, RefusedError } from "../../base/errors.ts";
import { type BlobKind, blobName } from "../../model/names.ts";
import type { HostTools } from "../../read/hosts.ts";

/** A blob that the index says is in the store. */
export interface KnownBlob {
  readonly kind: BlobKind;
  readonly id: string;
  readonly size: number;
}

/** What the store says that the bytes of blobs are. */
export class StatedHashes {
  readonly #tools: HostTools;
  #bytesLeft: number;
  isRefused = false;

  constructor(tools: HostTools, maxBytes: number) {
    this.#tools = tools;
    this.#bytesLeft = maxBytes;
  }

  /** What is wrong with a blob; `undefined` also where no one can tell. */
  async fault(blob: KnownBlob): Promise<string | undefined> {
    if (this.isRefused) return undefined;
    try {
      const sha256 = await this.#stated(blob) ?? await this.#read(blob);
      if (sha256 === undefined || sha256 === blob.id) return undefined;
      return `is damaged: its bytes have the SHA-256 ${sha256}`;
    } catch (error) {
      if (error instanceof NotFoundError) return "is missing";
      if (!(error instanceof RefusedError)) throw error;
      this.isRefused = true;
      return undefined;
    }
  }

  async #stated({ kind, id }: KnownBlob): Promise<string | undefined> {
    const { store, signal } = this.#tools;
    return await store.statedSha256?.(blobName(kind, id), { signal });
  }

  async #read({ kind, id, size }: KnownBlob): Promise<string | undefined> {
    if (size > this.#bytesLeft) return undefined;
    this.#bytesLeft -= size;
    const { store, signal } = this.#tools;
    return sha256Hex(await store.get(blobName(kind, id), { signal, maxBytes: size }));
  }
}
