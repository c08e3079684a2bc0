import type { Remote } from "../../threads/rpc.ts";
import type { Upload } from "../../index/blobs.ts";
import type { LockIndex } from "../../index/locks.ts";
import { Index, type KnownSnapshot } from "../../index/index.ts";
import type { MetadataCopy } from "../../index/metadata_copies.ts";
import type { ListRef } from "../../model/blob_list.ts";
import { blobName, listName } from "../../model/names.ts";
import type { PruneRecord } from "../../model/prune_record.ts";
import type { Claim, IndexNeeds, OpenedIndex, ScanOptions, ScanResult, SeenRecords } from "./messages.ts";
import { ANNOUNCED } from "../../write/announce_host.ts";
import { PAGE_BLOB_BYTES } from "../../write/blob_calls.ts";
import { compact } from "./compaction.ts";
import { RunningScan } from "./running_scan.ts";

/** Setting: names of the records in `prune/` that were taken into account. */
const SEEN_RECORDS = "prune_records";

/** The thread that owns the index and walks the file system. */
export class IndexThread {
  readonly #remote: Remote<IndexNeeds>;
  readonly #index: Index;
  readonly #readers: number;
  readonly #lockedMs: number | undefined;
  /** The one that runs, or ran last. */
  #scan: RunningScan | undefined;

  /** `lockedMs`: for how long what is stored is locked, where the store locks. */
  constructor(remote: Remote<IndexNeeds>, path: string, readers: number, lockedMs?: number) {
    this.#remote = remote;
    this.#lockedMs = lockedMs;
    this.#index = new Index(path);
    this.#readers = readers;
  }

  opened(): OpenedIndex {
    return {
      replaced: this.#index.replaced,
      lastSnapshot: this.#index.lastSnapshot(),
      store: this.#index.setting("store"),
      announced: this.#index.setting(ANNOUNCED),
      interrupted: this.#index.blobs.interrupted(),
    };
  }

  /** Forgets what is not in the store, given the sizes of what is, by name. The ids of what it was. */
  reconcile(stored: ReadonlyMap<string, number>): string[] {
    const lost = this.#index.blobs.all().filter(({ kind, id, size }) =>
      stored.get(blobName(kind, id)) !== size
    );
    this.#index.lose(lost.map(({ number }) => number));
    const lists = this.#index.lists.all().filter(({ id, size }) => stored.get(listName(id)) !== size);
    this.#index.lists.forget(lists.map(({ id }) => id));
    this.#index.forgetSnapshots();
    return [...lost, ...lists].map(({ id }) => id);
  }

  /** Forgets what a prune has marked for deletion. The ids of what it was. */
  forgetMarked(record: PruneRecord): string[] {
    const known = (["pages", "blobs"] as const).flatMap((kind) =>
      this.#index.blobs.known(kind, record[kind])
    );
    this.#index.forgetBlobs(known.map(({ number }) => number));
    const lists = this.#index.lists.known(record.lists);
    this.#index.lists.forget(lists);
    return [...known.map(({ id }) => id), ...lists];
  }

  /** The store has the list of blobs that `key` stands for. */
  addList(key: Uint8Array, list: ListRef): void {
    this.#index.lists.add(key, list);
    if (this.#lockedMs !== undefined) this.locks.add([list[0]], Date.now() + this.#lockedMs);
  }

  /** Where, and to which recipients, the host has sealed its keys. */
  setAnnounced(announced: string): void {
    this.#index.set(ANNOUNCED, announced);
  }

  /** Forgets all blobs, as another key has to open what is in them: it is stored again. How many. */
  forgetAll(): number {
    const numbers = this.#index.blobs.all().map(({ number }) => number);
    this.#index.forgetBlobs(numbers);
    return numbers.length;
  }

  seenRecords(): SeenRecords {
    const names = this.#index.setting(SEEN_RECORDS);
    return { names: names === undefined ? undefined : JSON.parse(names) };
  }

  noteRecords(names: readonly string[]): void {
    this.#index.set(SEEN_RECORDS, JSON.stringify(names));
  }

  settle(upload: Upload, arrived: boolean): void {
    if (arrived) this.#index.blobs.finish(upload);
    else this.#index.blobs.abandon(upload.id);
  }

  /** From now on the blobs of the index are those in `store`. */
  trust(store: string): void {
    this.#index.set("store", store);
  }

  claim(claim: Claim): Uint8Array {
    return this.#running.claim(claim);
  }

  begin(upload: Upload): void {
    this.#index.blobs.begin(upload);
  }

  stored(upload: Upload): void {
    const number = this.#index.blobs.finish(upload);
    this.#running.stored(upload, number);
    if (this.#lockedMs !== undefined) this.locks.add([upload.id], Date.now() + this.#lockedMs);
  }

  get locks(): LockIndex {
    return this.#index.locks;
  }

  /** What was scanned last is published as `snapshot`. */
  commit(snapshot: KnownSnapshot & { readonly isSuspicious: boolean }): void {
    this.#running.commit(snapshot);
  }

  /** Suspicious snapshots of a source set since its last good one. */
  suspicious(name: string): string[] {
    return this.#index.guards.suspicious(name);
  }

  accept(id: string): void {
    this.#index.guards.accept(id);
  }

  keepCopy(copy: MetadataCopy): void {
    this.#index.copies.put(copy);
  }

  close(): void {
    this.#index[Symbol.dispose]();
  }

  async scan(options: ScanOptions): Promise<ScanResult> {
    this.#compact(options);
    this.#scan = new RunningScan(this.#index, this.#remote, options, this.#readers);
    return await this.#scan.run();
  }

  get #running(): RunningScan {
    if (this.#scan === undefined) throw new Error("No scan was begun");
    return this.#scan;
  }

  /** Not in a scan of changes alone, which would have to become one of all. */
  #compact({ maxWaste, blobSizeBytes, changes }: ScanOptions): void {
    if (maxWaste === undefined || changes !== undefined) return;
    const policies = {
      blobs: { maxWaste, blobSizeBytes },
      pages: { maxWaste, blobSizeBytes: PAGE_BLOB_BYTES },
    };
    const count = compact(this.#index, policies, Date.now());
    const text = `what is needed of ${count} blobs that are small or mostly unused is stored again`;
    if (count > 0) void this.#remote.report({ kind: "note", text });
  }
}
