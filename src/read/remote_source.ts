import { release } from "../base/bytes.ts";
import type { Remote } from "../threads/rpc.ts";
import type { BlobSource } from "./blob_reader.ts";

/** A part of an object. */
export interface FetchRequest {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** What a thread that has the store and the identity serves to others. */
export interface SourceApi {
  fetch(request: FetchRequest): Uint8Array;
  /** The file key of a blob that begins with `header`. */
  openHeader(header: Uint8Array): Uint8Array;
}

/** The same of a thread that also lends memory which both share. */
export interface LendingApi extends SourceApi {
  /** What is small comes in memory of its own. */
  borrow(request: FetchRequest): Uint8Array;
  giveBack(part: Uint8Array): void;
}

/** The source that the other thread serves. */
export function remoteSource(remote: Remote<SourceApi>): BlobSource {
  return {
    fetch: (name, offset, length) => remote.fetch({ name, offset, length }),
    openHeader: (header) => remote.openHeader(header),
  };
}

/** The source of a thread that lends memory. */
export function lendingSource(remote: Remote<LendingApi>): BlobSource {
  return {
    ...remoteSource(remote),
    lent: {
      fetch: (name, offset, length) => remote.borrow({ name, offset, length }),
      giveBack: (bytes) => {
        if (bytes.buffer instanceof SharedArrayBuffer) void remote.giveBack(bytes);
        else release(bytes);
      },
    },
  };
}
