import { forEachParallel } from "../../base/parallel.ts";
import { type Handlers, Moved } from "../../threads/rpc.ts";
import { SharedArena } from "../../base/shared_arena.ts";
import { giveContentsBack } from "../../platform/memory.ts";
import { giveProgramBack } from "../../platform/program_memory.ts";
import type { FetchRequest, LendingApi } from "../../read/remote_source.ts";
import type { StoreSource } from "../../read/store_source.ts";

/** What is fetched alone goes over so many connections, as none else is busy. */
const PIECES_ALONE = 2;
/** What is smaller comes in one piece: a request more would cost as much. */
export const PIECED_FROM_BYTES = 1024 * 1024;
/** What is smaller is copied from thread to thread instead. */
const SHARED_FROM_BYTES = 256 * 1024;
/** Blobs are of about one size, and never of the same. */
const GRAIN_BYTES = 1024 * 1024;
/** So often the program's code is given back. */
const PARTS_PER_TRIM = 4;
/** Blobs that are being opened meanwhile, about. */
const OPENED_AT_ONCE = 2;
/** After so many blobs in a row that came in time, one connection each is enough: two or three come in time over any line now and then. */
const IN_TIME = 4;

/** Fetches what the threads of a restore ask for, into memory that they share: its size bounds what is on its way or waits to be opened. */
export class BlobFetches implements Disposable {
  readonly #source: StoreSource;
  readonly #connections: number;
  readonly #threads: number;
  #memory = new SharedArrayBuffer(0);
  #arena = new SharedArena(this.#memory);
  #given = 0;
  #inWork = 0;
  /** Parts that have arrived and are not given back. */
  #arrived = 0;
  /** Blobs that came while every thread had one to open, since one did not. */
  #inTime = 0;

  constructor(
    source: StoreSource,
    { connections, threads }: { readonly connections: number; readonly threads: number },
  ) {
    this.#source = source;
    this.#connections = connections;
    this.#threads = threads;
  }

  /** To be called before the first fetch: how much memory there is. It stays so. */
  allot(bytes: number): void {
    if (this.#memory.byteLength > 0) return;
    this.#memory = new SharedArrayBuffer(bytes);
    this.#arena = new SharedArena(this.#memory, GRAIN_BYTES);
  }

  /** There are, for all that is fetched. */
  get bytes(): number {
    return this.#arena.size;
  }

  /** What `lendingSource` calls. */
  readonly handlers: Handlers<LendingApi> = {
    fetch: (request) => this.#fetchOwn(request),
    borrow: (request) =>
      request.length < SHARED_FROM_BYTES || request.length > this.#arena.size
        ? this.#fetchOwn(request)
        : this.#fetchShared(request),
    giveBack: (part) => {
      this.#arrived--;
      this.#arena.give(part);
      if (++this.#given % PARTS_PER_TRIM === 0) giveProgramBack();
    },
    openHeader: (header) => this.#source.openHeader(header),
  };

  /** Gives back what no one needs before the next fetch; no one has a part then. */
  rest(): void {
    giveContentsBack(this.#memory);
    giveProgramBack();
  }

  /** When no one reads any more: the garbage collector does not count what threads share. */
  [Symbol.dispose](): void {
    giveContentsBack(this.#memory);
  }

  async #fetchOwn({ name, offset, length }: FetchRequest): Promise<Moved<Uint8Array>> {
    const bytes = await this.#source.fetch(name, offset, length);
    return new Moved(bytes, [bytes.buffer as ArrayBuffer]);
  }

  async #fetchShared({ name, offset, length }: FetchRequest): Promise<Uint8Array> {
    const part = await this.#arena.take(length);
    this.#inWork++;
    try {
      await forEachParallel(this.#piecesOf(part), Infinity, (piece) => {
        const at = piece.byteOffset - part.byteOffset;
        return this.#source.fetch(name, offset + at, piece.length, piece);
      });
      this.#noteArrival();
      return part;
    } catch (error) {
      this.#arena.give(part);
      throw error;
    } finally {
      this.#inWork--;
    }
  }

  #noteArrival(): void {
    this.#inTime = this.#arrived >= this.#threads ? this.#inTime + 1 : 0;
    this.#arrived++;
  }

  /** As few as keep all connections busy with parts of this length, where threads wait for them: each request takes processor time. */
  #piecesOf(part: Uint8Array): Uint8Array[] {
    if (part.length < PIECED_FROM_BYTES) return [part];
    const count = this.#inTime >= IN_TIME ? 1 : this.#piecesInHaste(part.length);
    const each = Math.ceil(part.length / count);
    const pieces = Array.from({ length: count }, (_, i) => part.subarray(i * each, (i + 1) * each));
    return pieces.filter(({ length }) => length > 0);
  }

  #piecesInHaste(length: number): number {
    const atOnce = Math.max(1, this.#arena.size / length - OPENED_AT_ONCE);
    const alone = this.#inWork > 1 ? 1 : Math.min(PIECES_ALONE, this.#connections);
    return Math.max(alone, Math.round(this.#connections / atOnce));
  }
}
