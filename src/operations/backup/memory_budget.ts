import type { BackupOptions } from "./options.ts";

const MIB = 2 ** 20;
const DEFAULT_MEMORY_BYTES = 256 * MIB;
const DEFAULT_CONNECTIONS = 2;
/** What a backup takes beside its readers and the buffers of its blobs: the runtime, the thread of the index, the client of the store. */
const FIXED_BYTES = 122 * MIB;
/** Its thread, and what it reads, compresses and seals in. */
const READER_BYTES = 24 * MIB;
/** Smaller blobs cost more requests than they are worth, so readers are given up first. */
const LEAST_BLOB_BYTES = 6 * MIB;
/** Blobs on their way at a time for which blobs may become that small. */
const ENOUGH_UPLOADS = 8;
/** For still more of them blobs stay so large. */
const FAIR_BLOB_BYTES = 8 * MIB;
/** A blob takes no more than such a share of the room, however few there are: what is known of small files waits in memory until their blob is stored. */
const LEAST_SHARES = 8;

/** Large blobs need room for one that each reader fills, and so many that are on their way. */
const LARGE_BLOBS_BESIDE = 2;

type Sizes = Pick<
  BackupOptions,
  "readers" | "connections" | "memoryBytes" | "blobSizeBytes" | "chunkSizeBytes"
>;

/** A backup that keeps within its memory. */
export interface BoundedOptions extends BackupOptions {
  /** A blob while others wait for the line; `blobSizeBytes` is one while none does. */
  readonly busyBlobBytes: number;
}

/** How many blobs of `busyBlobBytes` memory has room for: one for each connection or reader, whichever are more, and one that is filled meanwhile. */
export function blobBuffers({ readers, connections = DEFAULT_CONNECTIONS }: Sizes): number {
  return Math.max(readers, connections) + 1;
}

/**
 * The same backup within its memory: with fewer readers where they leave no room for blobs, with blobs no larger than fit, and with no more
 * uploads at a time than there is room for blobs that are worth a request.
 */
export function withinMemory<Options extends Sizes>(options: Options): Options & { busyBlobBytes: number } {
  const { blobSizeBytes, chunkSizeBytes, connections = DEFAULT_CONNECTIONS } = options;
  const left = (options.memoryBytes ?? DEFAULT_MEMORY_BYTES) - FIXED_BYTES;
  const atLeast = (bytes: number) => Math.min(blobSizeBytes, Math.max(bytes, 4 * chunkSizeBytes));
  const enough = Math.min(connections, ENOUGH_UPLOADS);
  let { readers } = options;
  const roomFor = (uploads: number) =>
    (left - readers * READER_BYTES) /
    Math.max(LEAST_SHARES, blobBuffers({ ...options, readers, connections: uploads }));
  while (readers > 1 && roomFor(enough) < atLeast(LEAST_BLOB_BYTES)) readers--;
  let uploads = connections;
  while (uploads > enough && roomFor(uploads) < atLeast(FAIR_BLOB_BYTES)) uploads--;
  const busyBlobBytes = atLeast(Math.floor(roomFor(uploads) / MIB) * MIB);
  const bounded = { ...options, readers, connections: uploads, busyBlobBytes };
  const canBeLarge = (readers + LARGE_BLOBS_BESIDE) * blobSizeBytes <= blobBuffers(bounded) * busyBlobBytes;
  return { ...bounded, blobSizeBytes: canBeLarge ? blobSizeBytes : busyBlobBytes };
}
