import type { BackupOptions } from "../options.ts";

const MIB = 2 ** 20;
/** What a backup takes beside the buffers of its blobs: the runtime, the thread of the index, the client of the store. */
const FIXED_BYTES = 96 * MIB;
/** And a thread that reads. */
const READER_BYTES = 16 * MIB;
const DEFAULT_CONNECTIONS = 2;
const DEFAULT_MEMORY_BYTES = 256 * MIB;

/**
 * How many blobs may be in memory: one that each reader fills, and those on their way to the store, as many as there are connections and
 * memory for; at least one.
 */
export function blobBuffers(
  { readers, connections = DEFAULT_CONNECTIONS, memoryBytes = DEFAULT_MEMORY_BYTES, blobSizeBytes }: Pick<
    BackupOptions,
    "readers" | "connections" | "memoryBytes" | "blobSizeBytes"
  >,
): number {
  const left = memoryBytes - FIXED_BYTES - readers * READER_BYTES;
  const fitting = Math.floor(left / blobSizeBytes);
  return Math.max(readers + 1, Math.min(readers + connections, fitting));
}
