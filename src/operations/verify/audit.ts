import { append } from "../../base/append.ts";
import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import { unpackChunks } from "../../index/packed_chunks.ts";
import type { Place } from "../../model/entry.ts";
import { type BlobKind, blobName } from "../../model/names.ts";
import { BlobReader, type BlobSource } from "../../read/blob_reader.ts";
import { fetchWhole } from "../../read/whole_object.ts";

/** A blob to be read whole. */
export interface AuditRequest {
  readonly kind: BlobKind;
  readonly id: string;
  /** Stored bytes. */
  readonly size: number;
  /** Chunks that are to be in it, packed; without them it is hashed and not opened. */
  readonly chunks?: Uint8Array;
}

export interface AuditOutcome {
  /** What is wrong with the blob, if anything. */
  readonly fault?: string;
  /** Ids of the chunks that cannot be had from it. */
  readonly lost: readonly string[];
}

/** Reads all of a blob: its stored bytes have the hash that is its name, and every chunk is where it should be. */
export async function audit(
  source: BlobSource,
  { kind, id, size, chunks }: AuditRequest,
): Promise<AuditOutcome> {
  const name = blobName(kind, id);
  const places = chunks === undefined ? [] : unpackChunks(id, size, chunks);
  try {
    const whole = await fetchWhole(source, name, id, size);
    if (places.length === 0) return { fault: whole.fault, lost: [] };
    const lost: string[] = [];
    let fault = whole.fault;
    const onDamage = (damaged: readonly Place[], error: Error) => {
      append(lost, damaged.map((place) => place.id));
      fault ??= `is damaged: ${error.message}`;
    };
    for await (const _ of new BlobReader(whole.source, kind).read(id, places, onDamage));
    return { fault, lost };
  } catch (error) {
    if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
    return { fault: `is damaged: ${error.message}`, lost: places.map((place) => place.id) };
  }
}
