import { toLatin1 } from "../../../src/base/bytes.ts";
import type { Handlers } from "../../../src/threads/rpc.ts";
import type { Upload } from "../../../src/index/blobs.ts";
import { FileReader } from "../../../src/operations/backup/file_reader.ts";
import { IndexThread } from "../../../src/operations/backup/index_thread.ts";
import type {
  IndexNeeds,
  ReadBatch,
  ReaderNeeds,
  ScanOptions,
  ScanResult,
} from "../../../src/operations/backup/messages.ts";
import type { ReadOutcome } from "../../../src/write/read_outcome.ts";
import type { BlobApi } from "../../../src/write/blob_calls.ts";
import { BufferRing } from "../../../src/write/buffer_ring.ts";
import { emptyBlob } from "../../../src/write/empty_blob.ts";
import type { SealedBlob } from "../../../src/write/blob_writer.ts";
import { direct } from "../../threads/direct.ts";
import { KEYS } from "../machine.ts";

const BLOB_SIZE_BYTES = 1 << 20;

interface LocalBackupOptions {
  /** Files that cannot be read, if there is something to be read. */
  readonly isUnreadable?: (path: string) => boolean;
  /** Called for each batch: the scan has seen its files, and no one has read them. */
  readonly beforeRead?: () => void;
}

/** The two threads of a backup as one, with a store that takes everything: quick enough for hundreds of backups. */
export class LocalBackup implements Disposable {
  readonly uploads: Upload[] = [];
  readonly batches: ReadBatch[] = [];
  readonly #index: IndexThread;
  readonly #reader: FileReader;
  readonly #options: LocalBackupOptions;
  readonly #blobs: Handlers<BlobApi> = {
    takeEmpty: ({ plainBytes }) =>
      emptyBlob([KEYS.recipient], new BufferRing({ count: 1, sizeBytes: BLOB_SIZE_BYTES }), plainBytes),
    store: (blob) => this.#store(blob),
  };
  readonly #indexNeeds: Handlers<IndexNeeds> = {
    ...this.#blobs,
    read: (batch) => {
      this.batches.push(batch);
      this.#options.beforeRead?.();
      return this.#read(batch);
    },
    storeAll: () => this.#reader.flush(),
    report: () => {},
  };
  readonly #readerNeeds: Handlers<ReaderNeeds> = {
    ...this.#blobs,
    claim: (claim) => this.#index.claim(claim),
    pull: () => ({ fault: "no streams here" }),
  };

  constructor(indexPath: string, options: LocalBackupOptions = {}) {
    this.#options = options;
    this.#index = new IndexThread(direct(this.#indexNeeds), indexPath, 1);
    const seed = new Uint8Array(32);
    this.#reader = new FileReader(
      { seed, chunkSizeBytes: 1 << 16, compressionLevel: 1 },
      direct(this.#readerNeeds),
    );
  }

  /** Blobs of another run are in the store too. */
  adopt(uploads: readonly Upload[]): void {
    for (const upload of uploads) {
      this.#index.begin(upload);
      this.#index.settle(upload, true);
    }
  }

  scan(options: Partial<ScanOptions> & { readonly roots: readonly string[] }): Promise<ScanResult> {
    return this.#index.scan({
      name: "home",
      exclude: [],
      oneFileSystem: false,
      excludeCaches: false,
      blobSizeBytes: BLOB_SIZE_BYTES,
      compressionLevel: 1,
      streams: { paths: [], timeMs: 0 },
      ...options,
    });
  }

  /** What was scanned last is the last backup from now on. */
  commit(): void {
    this.#index.commit({
      id: "id",
      name: "home",
      finishedAt: "2025-01-02T03:04:05Z",
      manifestSize: 1,
      isSuspicious: false,
    });
  }

  [Symbol.dispose](): void {
    this.#index.close();
  }

  async #read(batch: ReadBatch): Promise<ReadOutcome[]> {
    const outcomes = await this.#reader.read(batch);
    const paths = toLatin1(batch.paths).split("\0").slice(0, -1);
    const lost = paths.flatMap((path, file) => this.#options.isUnreadable?.(path) ? [file] : []);
    return [
      ...outcomes.filter(({ file }) => !lost.includes(file)),
      ...lost.map((file) => ({ file, unreadable: "input/output error" })),
    ];
  }

  #store({ kind, id, size, chunks }: SealedBlob): Promise<void> {
    const upload = { kind, id, size, chunks };
    this.#index.begin(upload);
    this.#index.stored(upload);
    this.uploads.push(upload);
    return Promise.resolve();
  }
}
