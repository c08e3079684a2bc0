import { sha256Hex } from "../base/digest.ts";
import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { readAhead } from "../base/read_ahead.ts";
import { decompressAll } from "../blob/zstd.ts";
import {
  decodeList,
  LIST_STORED_MAX,
  LIST_TEXT_MAX,
  type ListRef,
  type NamedBlob,
} from "../model/blob_list.ts";
import type { Manifest } from "../model/manifest.ts";
import { listName } from "../model/names.ts";
import type { HostTools } from "./hosts.ts";

/** Lists that are read before they are asked for. */
const LISTS_AHEAD = 8;
/** Lists that are kept in memory: about 80 KB each. */
const LISTS_KEPT = 192;

/** Reads the lists of manifests, each once as long as it is kept; snapshots share most of them. */
export class BlobLists {
  readonly #tools: HostTools;
  readonly #kept = new Map<string, readonly NamedBlob[]>();

  constructor(tools: HostTools) {
    this.#tools = tools;
  }

  /** The blobs of `manifest`, list by list, in their order. Throws `CorruptionError` at a list that is damaged or missing. */
  async *of(manifest: Pick<Manifest, "lists" | "tail">): AsyncGenerator<readonly NamedBlob[]> {
    yield* readAhead(manifest.lists, LISTS_AHEAD, (list) => this.read(list));
    yield manifest.tail;
  }

  /** As {@link of}, all of them. */
  async all(manifest: Pick<Manifest, "lists" | "tail">): Promise<NamedBlob[]> {
    return (await Array.fromAsync(this.of(manifest))).flat();
  }

  /** The blobs that a list names. Throws `CorruptionError`. */
  async read(ref: ListRef): Promise<readonly NamedBlob[]> {
    const [id] = ref;
    const kept = this.#kept.get(id);
    if (kept !== undefined) return kept;
    const blobs = decode(ref, await this.#fetch(ref));
    if (this.#kept.size >= LISTS_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(id, blobs);
    return blobs;
  }

  async #fetch([id]: ListRef): Promise<Uint8Array> {
    const { store, signal, cache } = this.#tools;
    const cached = cache?.get("lists", id);
    if (cached !== undefined && sha256Hex(cached) === id) return cached;
    try {
      const stored = await store.get(listName(id), { signal, maxBytes: LIST_STORED_MAX });
      if (sha256Hex(stored) === id) cache?.put("lists", id, stored);
      return stored;
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      throw new CorruptionError(`Cannot read list "${listName(id)}": it is missing`, { cause: error });
    }
  }
}

function decode([id, size, count]: ListRef, stored: Uint8Array): readonly NamedBlob[] {
  try {
    if (stored.length !== size || sha256Hex(stored) !== id) throw new CorruptionError("its bytes are others");
    const blobs = decodeList(new TextDecoder().decode(decompressAll(stored, LIST_TEXT_MAX)));
    if (blobs.length !== count) {
      throw new CorruptionError(`it names ${blobs.length} blobs instead of ${count}`);
    }
    return blobs;
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    throw new CorruptionError(`Cannot read list "${listName(id)}": ${error.message}`, { cause: error });
  }
}
