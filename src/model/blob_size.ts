/** A blob has at most so many bytes where nothing else is configured. It is closed when the next chunk has no room, so that it has about half a MiB less. */
export const DEFAULT_BLOB_BYTES = 17 * 2 ** 20;
