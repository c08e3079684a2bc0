// libzstd, where the system has it: the runtime makes a stream for each frame, which takes as long as to decompress a page.
import { isPortable } from "../libc.ts";
import { addressOf } from "../memory.ts";

const LIBRARY = "libzstd.so.1";
// Sizes fit 32 bits, of which a result costs far less than a bigint; errors are negative then.
const symbols = {
  ZSTD_estimateDCtxSize: { parameters: [], result: "i32" },
  ZSTD_initStaticDCtx: { parameters: ["buffer", "usize"], result: "pointer" },
  ZSTD_decompressDCtx: { parameters: ["buffer", "buffer", "usize", "buffer", "usize"], result: "i32" },
  ZSTD_getFrameContentSize: { parameters: ["buffer", "usize"], result: "i32" },
} as const;

/** Threads that only read need not pay for these. */
const compressSymbols = {
  ZSTD_estimateCCtxSize: { parameters: ["i32"], result: "i32" },
  ZSTD_initStaticCCtx: { parameters: ["buffer", "usize"], result: "pointer" },
  ZSTD_CCtx_reset: { parameters: ["buffer", "i32"], result: "i32" },
  ZSTD_CCtx_setParameter: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  ZSTD_compress2: { parameters: ["buffer", "buffer", "usize", "buffer", "usize"], result: "i32" },
} as const;

/** Nor do these but for who opens frames while they arrive. */
const stepSymbols = {
  ZSTD_createDCtx: { parameters: [], result: "pointer" },
  ZSTD_DCtx_setParameter: { parameters: ["pointer", "i32", "i32"], result: "i32" },
  ZSTD_DCtx_reset: { parameters: ["pointer", "i32"], result: "i32" },
  ZSTD_decompressStream: { parameters: ["pointer", "buffer", "buffer"], result: "i32" },
} as const;
/** The output stays where it is, so that nothing of it is copied. */
const ZSTD_D_STABLE_OUT_BUFFER = 1001;
const ZSTD_RESET_SESSION_ONLY = 1;
const ZSTD_RESET_ALL = 3;
/** The first bytes of a frame, which say how long its header is. */
const FRAME_START_BYTES = 5;

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

/**
 * A context of zstd in memory of this thread: what the library allocates by itself would stay when a thread ends, and a daemon has new threads
 * for each backup. What is not touched of it takes no memory.
 */
function contextOf(
  sizeBytes: number,
  init: (memory: Bytes, sizeBytes: bigint) => Deno.PointerValue,
): Bytes | undefined {
  if (sizeBytes <= 0) return undefined;
  const memory = new Uint8Array(sizeBytes);
  const context = init(memory, BigInt(sizeBytes));
  return Deno.UnsafePointer.equals(context, Deno.UnsafePointer.of(memory)) ? memory : undefined;
}

/** `undefined` where the system has none. */
export function loadSystemZstd(): SystemZstd | undefined {
  const zstd = load(symbols);
  const context = zstd && contextOf(zstd.ZSTD_estimateDCtxSize(), zstd.ZSTD_initStaticDCtx);
  if (zstd === undefined || context === undefined) return undefined;
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

/** A frame that is decompressed while it arrives. */
export interface ArrivingFrame {
  /** To be called when its first `bytes` are there: how many bytes of what is in it are there now; `undefined` where it is not valid. */
  arrived(bytes: number): number | undefined;
  /** Whether all of it has arrived, and it was what it should be. */
  readonly isWhole: boolean;
}

/** Begins to decompress `frame`, whose bytes are yet to come, to `into`, which has as much room as is in it. One at a time. */
export type SystemDecompressSteps = (frame: Uint8Array, into: Uint8Array) => ArrivingFrame;

/** For one thread; `undefined` where the system has no library that can. */
export function loadSystemDecompressSteps(): SystemDecompressSteps | undefined {
  const zstd = load(stepSymbols);
  const context = zstd?.ZSTD_createDCtx() ?? null;
  if (zstd === undefined || context === null) return undefined;
  if (zstd.ZSTD_DCtx_setParameter(context, ZSTD_D_STABLE_OUT_BUFFER, 1) < 0) return undefined;
  // ZSTD_inBuffer and ZSTD_outBuffer: address, bytes, bytes that are done.
  const [input, output] = [new BigUint64Array(3), new BigUint64Array(3)];
  const [inputBytes, outputBytes] = [new Uint8Array(input.buffer), new Uint8Array(output.buffer)];
  return (frame, into) => {
    zstd.ZSTD_DCtx_reset(context, ZSTD_RESET_SESSION_ONLY);
    input.set([addressOf(frame), 0n, 0n]);
    output.set([addressOf(into), BigInt(into.length), 0n]);
    let wanted = FRAME_START_BYTES;
    return {
      // No more than it asks for: what it cannot use yet, it would copy.
      arrived(bytes) {
        while (wanted > 0 && Number(input[2]) + wanted <= bytes) {
          input[1] = input[2]! + BigInt(wanted);
          wanted = zstd.ZSTD_decompressStream(context, outputBytes, inputBytes);
        }
        return wanted < 0 ? undefined : Number(output[2]);
      },
      get isWhole() {
        return wanted === 0 && Number(input[2]) === frame.length && Number(output[2]) === into.length;
      },
    };
  };
}

/** Writes `plain` as one frame to the front of `out`: how long it is, or `undefined` where there is no room. */
export type SystemCompress = (plain: Uint8Array, out: Uint8Array) => number | undefined;

/**
 * Compresses with these parameters of zstd, given by number, which want no more memory than `level` by itself, on one thread; `undefined` where
 * the system has no library that can.
 */
export function loadSystemCompress(
  level: number,
  parameters: readonly (readonly [parameter: number, value: number])[],
): SystemCompress | undefined {
  const zstd = load(compressSymbols);
  const context = zstd && contextOf(zstd.ZSTD_estimateCCtxSize(level), zstd.ZSTD_initStaticCCtx);
  if (zstd === undefined || context === undefined) return undefined;
  // The library's defaults are not there by themselves.
  const areSet = zstd.ZSTD_CCtx_reset(context, ZSTD_RESET_ALL) >= 0 &&
    parameters.every(([parameter, value]) => zstd.ZSTD_CCtx_setParameter(context, parameter, value) >= 0);
  if (!areSet) return undefined;
  return (plain, out) => {
    const [to, from] = [BigInt(out.length), BigInt(plain.length)];
    const length = zstd.ZSTD_compress2(context, out as Bytes, to, plain as Bytes, from);
    return length > 0 && length <= out.length ? length : undefined;
  };
}
