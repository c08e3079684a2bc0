// libzstd, where the system has it: the runtime makes a stream for each frame, which takes as long as to decompress a page.
import { isPortable } from "../libc.ts";

const LIBRARY = "libzstd.so.1";
// Sizes fit 32 bits, of which a result costs far less than a bigint; errors are negative then.
const symbols = {
  ZSTD_createDCtx: { parameters: [], result: "pointer" },
  ZSTD_decompressDCtx: { parameters: ["pointer", "buffer", "usize", "buffer", "usize"], result: "i32" },
  ZSTD_getFrameContentSize: { parameters: ["buffer", "usize"], result: "i32" },
} as const;

/** Threads that only read need not pay for these. */
const compressSymbols = {
  ZSTD_createCCtx: { parameters: [], result: "pointer" },
  ZSTD_CCtx_setParameter: { parameters: ["pointer", "i32", "i32"], result: "i32" },
  ZSTD_compress2: { parameters: ["pointer", "buffer", "usize", "buffer", "usize"], result: "i32" },
} as const;

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

type Bytes = Uint8Array<ArrayBuffer>;

/** Decompresses zstd frames, on one thread. */
export interface SystemZstd {
  /** How many plain bytes `frame` says that it has; `undefined` where it does not say. */
  plainLength(frame: Uint8Array): number | undefined;
  /** The `length` bytes of one frame, in `into` where that is given and has room; `undefined` for what is not a whole frame of so many. */
  decompress(frame: Uint8Array, length: number, into?: Uint8Array): Uint8Array | undefined;
}

function load<Symbols extends Deno.ForeignLibraryInterface>(wanted: Symbols) {
  if (isPortable) return undefined;
  try {
    return Deno.dlopen(LIBRARY, wanted).symbols;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** `undefined` where the system has none. */
export function loadSystemZstd(): SystemZstd | undefined {
  const zstd = load(symbols);
  const context = zstd?.ZSTD_createDCtx() ?? null;
  if (zstd === undefined || context === null) return undefined;
  const isFrame = (bytes: Uint8Array) => MAGIC.every((byte, i) => bytes[i] === byte);
  return {
    plainLength(frame) {
      if (!isFrame(frame)) return undefined;
      const length = zstd.ZSTD_getFrameContentSize(frame as Bytes, BigInt(frame.length));
      return length < 0 ? undefined : length;
    },
    decompress(frame, length, into) {
      if (!isFrame(frame) || length === 0) return undefined;
      const hasRoom = into !== undefined && into.length >= length;
      const plain = hasRoom ? into.subarray(0, length) as Bytes : new Uint8Array(length);
      const written = zstd.ZSTD_decompressDCtx(
        context,
        plain,
        BigInt(length),
        frame as Bytes,
        BigInt(frame.length),
      );
      return written === length ? plain : undefined;
    },
  };
}

/** Writes `plain` as one frame to the front of `out`: how long it is, or `undefined` where there is no room. */
export type SystemCompress = (plain: Uint8Array, out: Uint8Array) => number | undefined;

/** Compresses with these parameters of zstd, given by number, on one thread; `undefined` where the system has no library that can. */
export function loadSystemCompress(
  parameters: readonly (readonly [parameter: number, value: number])[],
): SystemCompress | undefined {
  const zstd = load(compressSymbols);
  const context = zstd?.ZSTD_createCCtx() ?? null;
  if (zstd === undefined || context === null) return undefined;
  const areSet = parameters.every(([parameter, value]) =>
    zstd.ZSTD_CCtx_setParameter(context, parameter, value) >= 0
  );
  if (!areSet) return undefined;
  return (plain, out) => {
    const [to, from] = [BigInt(out.length), BigInt(plain.length)];
    const length = zstd.ZSTD_compress2(context, out as Bytes, to, plain as Bytes, from);
    return length > 0 && length <= out.length ? length : undefined;
  };
}
