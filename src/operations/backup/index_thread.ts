import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { fromHex, toHex } from "../../base/bytes.ts";
import type { Peer } from "../../base/rpc.ts";
import { SEED_BYTES } from "../../chunk/gear.ts";
import type { Upload } from "../../index/blobs.ts";
import { Index, type KnownSnapshot } from "../../index/index.ts";
import type { PageSummary } from "../../index/pages.ts";
import { displayPath, type Path, pathOf } from "../../model/path.ts";
import type { StoredObject } from "../../model/manifest.ts";
import { blobName } from "../../model/names.ts";
import type { Event } from "../../report/events.ts";
import { compileExcludes } from "../../scan/exclude.ts";
import { walk } from "../../scan/walk.ts";
import type { Claim, OpenedIndex, ScanOptions, ScanResult } from "./messages.ts";
import { BackupScan, type ScanEvents } from "./backup_scan.ts";
import { BlobWriter, type SealedBlob } from "./blob_writer.ts";
import { BufferRing } from "./buffer_ring.ts";
import { ChunkClaims } from "./chunk_claims.ts";
import { PageStore } from "./page_store.ts";
import { ReadQueue } from "./read_queue.ts";

/** Blobs of pages are small: one change makes one. */
const PAGE_BLOB_BYTES = 4 * 1024 * 1024;
const PAGE_BUFFERS = 2;
/** Batches that wait for each reader, beside the one it works on. */
const BATCHES_PER_READER = 3;
const PROGRESS_EVERY_MS = 100;

/** The thread that owns the index and walks the file system. */
export class IndexThread {
  readonly #peer: Peer;
  readonly #index: Index;
  readonly #readers: number;
  #chunks!: ChunkClaims;
  #pages!: ChunkClaims;
  #queue: ReadQueue | undefined;

  constructor(peer: Peer, path: string, readers: number) {
    this.#peer = peer;
    this.#index = new Index(path);
    this.#readers = readers;
  }

  opened(): OpenedIndex {
    return {
      seed: this.#seed(),
      replaced: this.#index.replaced,
      lastSnapshot: this.#index.lastSnapshot(),
      store: this.#index.setting("store"),
      interrupted: this.#index.blobs.interrupted(),
    };
  }

  #seed(): Uint8Array {
    const known = this.#index.setting("chunker_seed");
    if (known !== undefined) return fromHex(known);
    const seed = new Uint8Array(randomBytes(SEED_BYTES));
    this.#index.set("chunker_seed", toHex(seed));
    return seed;
  }

  /** Forgets what is not in the store, given the sizes of what is, by name. */
  reconcile(stored: ReadonlyMap<string, number>): number {
    const lost = this.#index.blobs.all().filter(({ kind, id, size }) =>
      stored.get(blobName(kind, id)) !== size
    );
    const numbers = lost.map((blob) => blob.number);
    this.#index.pages.forgetBlobs(new Set(numbers));
    this.#index.blobs.forget(numbers);
    this.#index.forgetSnapshots();
    return lost.length;
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
    return this.#queue!.claim(claim);
  }

  begin(upload: Upload): void {
    this.#index.blobs.begin(upload);
  }

  stored(upload: Upload): void {
    const number = this.#index.blobs.finish(upload);
    (upload.kind === "blobs" ? this.#chunks : this.#pages).stored(upload, number);
  }

  commit({ snapshot, pages }: { snapshot: KnownSnapshot; pages: readonly number[] }): void {
    this.#index.blobs.sortIn();
    this.#index.addSnapshot(snapshot);
    this.#index.pages.keepOnly(snapshot.name, new Set(pages));
  }

  close(): void {
    this.#index[Symbol.dispose]();
  }

  async scan(options: ScanOptions): Promise<ScanResult> {
    this.#chunks = new ChunkClaims(this.#index.blobs, "blobs");
    this.#pages = new ChunkClaims(this.#index.blobs, "pages");
    const queue = new ReadQueue(this.#peer, this.#chunks, this.#readers * BATCHES_PER_READER);
    this.#queue = queue;
    const findings = new Findings((event) => this.#report(event));
    const onUnreadable = (path: Path, reason: string) => findings.unreadable(path, reason);
    const writer = this.#pageWriter(options);
    const pages = new PageStore(this.#index, this.#pages, writer, options.compressionLevel, onUnreadable);
    const scan = new BackupScan(this.#index, pages, queue, findings, {
      snapshot: options.name,
      now: Date.now,
    });
    await this.#walk(scan, findings, options);
    const sequence = await scan.finish(() => this.#peer.call("storeAll"));
    this.#progress(scan, findings, true);
    const pagesNew = await pages.bring(sequence);
    return {
      ...this.#summarize(sequence),
      pagesNew,
      filesRead: scan.filesRead,
      bytesRead: queue.bytesRead,
      bytesNew: queue.bytesNew,
      unreadable: findings.unreadableFiles,
      changedWhileRead: findings.changedFiles,
    };
  }

  async #walk(scan: BackupScan, findings: Findings, options: ScanOptions): Promise<void> {
    const visits = walk(options.roots.map(pathOf), {
      isExcluded: compileExcludes(options.exclude),
      oneFileSystem: options.oneFileSystem,
      excludeCaches: options.excludeCaches,
      onUnreadable: (path, reason) => findings.unreadable(path, reason),
    });
    let reported = Date.now();
    for (const visited of visits) {
      if (!scan.visit(visited)) continue;
      await scan.endPage();
      // Claims of the readers are answered between pages.
      await setImmediate();
      if (Date.now() - reported < PROGRESS_EVERY_MS) continue;
      reported = Date.now();
      this.#progress(scan, findings, false);
    }
  }

  #pageWriter(options: ScanOptions): BlobWriter {
    return new BlobWriter({
      kind: "pages",
      blobSizeBytes: PAGE_BLOB_BYTES,
      compressionLevel: options.compressionLevel,
      recipients: options.recipients,
      ring: new BufferRing(PAGE_BUFFERS, PAGE_BLOB_BYTES),
      store: (blob: SealedBlob) => this.#peer.call<ArrayBuffer>("store", blob, [blob.buffer]),
    });
  }

  #summarize(sequence: readonly PageSummary[]) {
    const pages = sequence.map((page) => ({
      ...this.#index.blobs.locate("pages", fromHex(page.id))!,
      firstPath: page.firstPath,
      entries: page.entries,
    }));
    const numbers = new Set(sequence.flatMap((page) => page.blobs));
    for (const id of new Set(pages.map((page) => page.blob))) numbers.add(this.#index.blobs.numberOf(id));
    const objects: Record<"blobs" | "pages", StoredObject[]> = { blobs: [], pages: [] };
    for (const { kind, id, size } of this.#index.blobs.describe(numbers)) objects[kind].push([id, size]);
    const byId = (a: StoredObject, b: StoredObject) => (a[0] < b[0] ? -1 : 1);
    const total = (of: (page: PageSummary) => number) => sequence.reduce((sum, page) => sum + of(page), 0);
    const files = total((page) => page.files);
    const directories = total((page) => page.directories);
    return {
      pages,
      pageNumbers: sequence.map((page) => page.number),
      blobs: objects.blobs.sort(byId),
      pageBlobs: objects.pages.sort(byId),
      totals: {
        files,
        directories,
        others: total((page) => page.entries) - files - directories,
        bytes: total((page) => page.bytes),
      },
    };
  }

  #progress(scan: BackupScan, findings: Findings, allKnown: boolean): void {
    this.#report({
      kind: "progress",
      progress: {
        stage: "backup",
        entriesDone: scan.entriesDone,
        entriesFound: scan.entriesFound,
        bytesDone: scan.bytesDone,
        bytesFound: scan.bytesFound,
        allKnown,
        bytesTransferred: 0,
        errors: findings.unreadableFiles.length,
      },
    });
  }

  #report(event: Event): void {
    void this.#peer.call("report", event);
  }
}

/** What a scan could not do as it should, told at once and kept for the summary. */
class Findings implements ScanEvents {
  readonly unreadableFiles: { path: string; reason: string }[] = [];
  changedFiles = 0;
  readonly #report: (event: Event) => void;

  constructor(report: (event: Event) => void) {
    this.#report = report;
  }

  unreadable(path: Path, reason: string): void {
    this.unreadableFiles.push({ path: displayPath(path), reason });
    this.#report({ kind: "file-unreadable", path: displayPath(path), reason });
  }

  skipped(path: Path, reason: string): void {
    this.#report({ kind: "entry-skipped", path: displayPath(path), reason });
  }

  changed(path: Path): void {
    this.changedFiles++;
    this.#report({ kind: "file-changed", path: displayPath(path) });
  }
}
