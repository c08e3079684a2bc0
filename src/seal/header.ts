// The header of an age file (age-encryption.org/v1) as bytes. What makes and opens headers is in age.ts, which the threads that seal
// and open payloads do without: it costs each of them megabytes.

export interface Header {
  /** The header's bytes, which begin the file. */
  readonly bytes: Uint8Array;
  /** 16 bytes, fresh for every file; whoever has it can open the file. */
  readonly fileKey: Uint8Array;
}

/** A header is text that ends with the line `--- <MAC>`; this bounds the search for it. */
export const HEADER_BYTES_MAX = 64 * 1024;

/** Bytes of the header that begins `file`, or `undefined` where `file` does not hold all of it. */
export function headerLength(file: Uint8Array): number | undefined {
  for (let at = 0; at + 4 < file.length; at++) {
    if (file[at] !== 0x0a || file[at + 1] !== 0x2d || file[at + 2] !== 0x2d || file[at + 3] !== 0x2d) {
      continue;
    }
    const end = file.indexOf(0x0a, at + 4);
    return end < 0 ? undefined : end + 1;
  }
  return undefined;
}
