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

type Sizes = Pick<
  BackupOptions,
  "readers" | "connections" | "memoryBytes" | "blobSizeBytes" | "chunkSizeBytes"
>;

/** How many blobs are in memory at a time: one for each connection or reader, whichever are more, and one that is filled meanwhile. */
export function blobBuffers({ readers, connections = DEFAULT_CONNECTIONS }: Sizes): number {
  return Math.max(readers, connections) + 1;
}

/** The same backup within its memory: with fewer readers where they leave no room for blobs, and with blobs no larger than fit. */
export function withinMemory<Options extends Sizes>(options: Options): Options {
  const left = (options.memoryBytes ?? DEFAULT_MEMORY_BYTES) - FIXED_BYTES;
  const least = Math.min(options.blobSizeBytes, Math.max(LEAST_BLOB_BYTES, 4 * options.chunkSizeBytes));
  let { readers } = options;
  const room = () => (left - readers * READER_BYTES) / blobBuffers({ ...options, readers });
  while (readers > 1 && room() < least) readers--;
  const fitting = Math.floor(room() / MIB) * MIB;
  const blobSizeBytes = Math.min(options.blobSizeBytes, Math.max(fitting, 4 * options.chunkSizeBytes));
  return { ...options, readers, blobSizeBytes };
}
