import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { readAhead } from "../base/read_ahead.ts";
import type { Place } from "../model/entry.ts";
import { blobName } from "../model/names.ts";
import type { BlobSource } from "./blob_reader.ts";
import { PageReader } from "./page_reader.ts";
import { relocate, type Relocations } from "./relocations.ts";
import { fetchWhole } from "./whole_object.ts";

/** Page blobs that are fetched before they are asked for. */
const BLOBS_AHEAD = 3;

/** What was read of one page blob. */
export interface ReadPageBlob<Ref extends Place, Value> {
  readonly blob: string;
  /** What is wrong with its stored bytes. */
  readonly fault?: string;
  readonly pages:
    readonly ({ readonly ref: Ref } & ({ readonly value: Value } | { readonly error: Error }))[];
}

/**
 * Reads pages blob by blob, each blob whole and checked by its name; `read` reads one page. A page that cannot be read comes as an
 * error. Pages that were moved are read where they are now.
 */
export async function* readPageBlobs<Ref extends Place, Value>(
  source: BlobSource,
  refs: readonly Ref[],
  relocations: Relocations,
  read: (reader: PageReader, ref: Ref) => Promise<Value>,
): AsyncGenerator<ReadPageBlob<Ref, Value>> {
  const byBlob = Map.groupBy(refs.map((ref) => relocate(ref, relocations)), (ref) => ref.blob);
  yield* readAhead(byBlob, BLOBS_AHEAD, async ([blob, refs]) => {
    try {
      const size = refs[0]!.blobSize;
      const whole = await fetchWhole(source, blobName("pages", blob), blob, size);
      const reader = new PageReader(whole.source, relocations);
      const pages = [];
      for (const ref of refs) pages.push(await attempt(ref, () => read(reader, ref)));
      return { blob, fault: whole.fault, pages };
    } catch (error) {
      const damage = asDamage(error);
      return {
        blob,
        fault: `is damaged: ${damage.message}`,
        pages: refs.map((ref) => ({ ref, error: damage })),
      };
    }
  });
}

async function attempt<Ref, Value>(ref: Ref, read: () => Promise<Value>) {
  try {
    return { ref, value: await read() };
  } catch (error) {
    return { ref, error: asDamage(error) };
  }
}

/** What is wrong with stored data; all else is thrown on. */
function asDamage(error: unknown): Error {
  if (error instanceof CorruptionError || error instanceof NotFoundError) return error;
  throw error;
}
