import { constants, zstdCompressSync, zstdDecompressSync, type ZstdOptions } from "node:zlib";
import { CorruptionError } from "../base/errors.ts";
import { loadSystemZstd, type SystemZstd } from "../platform/linux/libzstd.ts";

/** Level 3 with half of its tables, which fit the cache of a core: a tenth faster, and frames of 1 MiB become a hundredth larger. */
const DEFAULT_LEVEL = 3;
const SMALLER_TABLES = [[constants.ZSTD_c_hashLog, 16], [constants.ZSTD_c_chainLog, 15]] as const;

export type CompressionParameters = readonly (readonly [parameter: number, value: number])[];

/** What zstd is asked for at `level`, by its numbers. */
export function compressionParameters(level: number, checksum: boolean): CompressionParameters {
  return [
    [constants.ZSTD_c_compressionLevel, level],
    ...(level === DEFAULT_LEVEL ? SMALLER_TABLES : []),
    [constants.ZSTD_c_checksumFlag, Number(checksum)],
  ];
}

/** Room that surely holds a frame of so many plain bytes: ZSTD_COMPRESSBOUND, and some more. */
export function frameBound(plainLength: number): number {
  return plainLength + (plainLength >>> 8) + 256;
}

/** One zstd frame (RFC 8878) that states its plain size; with `checksum` a wrong bit in it is noticed when it is opened. */
export function compressFrame(plain: Uint8Array, level: number, { checksum = false } = {}): Uint8Array {
  return zstdCompressSync(plain, {
    // One output buffer, instead of many joined.
    chunkSize: frameBound(plain.length),
    pledgedSrcSize: plain.length,
    params: Object.fromEntries(compressionParameters(level, checksum)),
  } as ZstdOptions);
}

let system: { readonly zstd: SystemZstd | undefined } | undefined;

/** Looked for at the first frame: not every thread opens one. */
function systemZstd(): SystemZstd | undefined {
  system ??= { zstd: loadSystemZstd() };
  return system.zstd;
}

/**
 * The `plainLength` bytes of one frame, in `into` where that is given and has room. Throws `CorruptionError`, also for a frame that is cut
 * short or holds another length.
 */
export function decompressFrame(frame: Uint8Array, plainLength: number, into?: Uint8Array): Uint8Array {
  // What is wrong with a frame, the runtime says.
  let plain = systemZstd()?.decompress(frame, plainLength, into);
  if (plain !== undefined) return plain;
  try {
    plain = zstdDecompressSync(frame, {
      maxOutputLength: Math.max(1, plainLength),
      chunkSize: Math.max(1024, plainLength + 64),
    });
  } catch (error) {
    throw new CorruptionError("Cannot decompress frame: it is not valid zstd", { cause: error });
  }
  if (plain.length !== plainLength) {
    throw new CorruptionError(
      `Cannot decompress frame: it has ${plain.length} bytes instead of ${plainLength}`,
    );
  }
  return plain;
}

/**
 * The bytes of one frame, their number not known beforehand, at most `limit`. Throws `CorruptionError`, but a frame that is cut
 * short may pass with fewer bytes: what is in it must show where it ends, as JSON does.
 */
export function decompressAll(frame: Uint8Array, limit: number): Uint8Array {
  const stated = systemZstd()?.plainLength(frame);
  const plain = stated === undefined || stated > limit ? undefined : systemZstd()?.decompress(frame, stated);
  if (plain !== undefined) return plain;
  // One output buffer holds most of what is like a manifest, instead of many joined.
  const chunkSize = Math.max(16_384, 4 * frame.length);
  try {
    return zstdDecompressSync(frame, { maxOutputLength: limit, chunkSize });
  } catch (error) {
    throw new CorruptionError("Cannot decompress: it is not valid zstd", { cause: error });
  }
}
