import type { RingOptions } from "../../write/buffer_ring.ts";
import type { BackupOptions } from "./options.ts";

const MIB = 2 ** 20;
const DEFAULT_MEMORY_BYTES = 256 * MIB;
const DEFAULT_CONNECTIONS = 2;
/**
 * What a backup takes beside its readers and the buffers of its blobs: the runtime, the thread of the index, the client of the store. Very many
 * small files take up to 40 MiB more, which is taken from the blobs while it is so.
 */
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

/** What else comes to the memory taken, at most, before one looks at it again. */
const BETWEEN_LOOKS_BYTES = 20 * MIB;

type Sizes = Pick<
  BackupOptions,
  "readers" | "connections" | "memoryBytes" | "blobSizeBytes" | "chunkSizeBytes"
>;

/** What keeps a backup within its memory. */
interface Bounds {
  readonly memoryBytes: number;
  /** A blob while others wait for the line; `blobSizeBytes` is one while none does. */
  readonly busyBlobBytes: number;
}

/** A backup that keeps within its memory. */
export type BoundedOptions = BackupOptions & Bounds;

/** How many blobs of `busyBlobBytes` memory has room for: one for each connection or reader, whichever are more, and one that is filled meanwhile. */
export function blobBuffers({ readers, connections = DEFAULT_CONNECTIONS }: Sizes): number {
  return Math.max(readers, connections) + 1;
}

/**
 * The same backup within its memory: with fewer readers where they leave no room for blobs, with blobs no larger than fit, and with no more
 * uploads at a time than there is room for blobs that are worth a request.
 */
export function withinMemory<Options extends Sizes>(options: Options): Options & Bounds {
  const { blobSizeBytes, chunkSizeBytes, connections = DEFAULT_CONNECTIONS } = options;
  const { memoryBytes = DEFAULT_MEMORY_BYTES } = options;
  const left = memoryBytes - FIXED_BYTES;
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
  const bounded = { ...options, readers, connections: uploads, memoryBytes, busyBlobBytes };
  const canBeLarge = (readers + LARGE_BLOBS_BESIDE) * blobSizeBytes <= blobBuffers(bounded) * busyBlobBytes;
  return { ...bounded, blobSizeBytes: canBeLarge ? blobSizeBytes : busyBlobBytes };
}

/** The buffers of a backup within its memory, of which `residentBytes` are taken at the time. */
export function blobRing(options: Sizes & Bounds, residentBytes: () => number): RingOptions {
  const { memoryBytes, busyBlobBytes, blobSizeBytes } = options;
  return {
    count: blobBuffers(options),
    sizeBytes: busyBlobBytes,
    largeBytes: blobSizeBytes,
    isMemoryShort: (bytes) => residentBytes() + bytes > memoryBytes - BETWEEN_LOOKS_BYTES,
  };
}
