import { zstdDecompressSync } from "node:zlib";
import { equalBytes, release } from "../base/bytes.ts";
import { loadSystemCompress, type SystemCompress } from "../platform/linux/libzstd.ts";
import { compressFrame, type CompressionParameters, compressionParameters, frameBound } from "./zstd.ts";

const TEST_PLAIN = new TextEncoder().encode(
  "What is sealed with this key, and that which is sealed with that key. ".repeat(40),
);

/**
 * Compresses one frame after the other in the same memory, by the system's libzstd where there is one: the runtime takes a new stream and new
 * memory for each, which for bytes that do not compress is more than half of its time.
 */
export class FrameCompressor {
  readonly #level: number;
  readonly #checksum: boolean;
  readonly #system: SystemCompress | undefined;
  #out = new Uint8Array(0);

  /** `checksum` as in `compressFrame`. */
  constructor(level: number, { checksum = false } = {}) {
    this.#level = level;
    this.#checksum = checksum;
    this.#system = systemCompress(level, compressionParameters(level, checksum));
  }

  /** As `compressFrame`; what is given is valid until the next call, or until it is given back. */
  compress(plain: Uint8Array): Uint8Array {
    if (this.#system === undefined) return this.#byRuntime(plain);
    const bound = frameBound(plain.length);
    if (this.#out.length < bound) {
      release(this.#out);
      this.#out = new Uint8Array(bound);
    }
    const length = this.#system(plain, this.#out);
    return length === undefined ? this.#byRuntime(plain) : this.#out.subarray(0, length);
  }

  #byRuntime(plain: Uint8Array): Uint8Array {
    return compressFrame(plain, this.#level, { checksum: this.#checksum });
  }

  /** The caller needs `frame` no more. */
  giveBack(frame: Uint8Array): void {
    if (frame.buffer !== this.#out.buffer) release(frame);
  }
}

/** A library that this program knows nothing about is taken where the runtime opens what it makes. */
function systemCompress(level: number, parameters: CompressionParameters): SystemCompress | undefined {
  const system = loadSystemCompress(level, parameters);
  const out = new Uint8Array(frameBound(TEST_PLAIN.length));
  const length = system?.(TEST_PLAIN, out);
  if (length === undefined) return undefined;
  try {
    return equalBytes(zstdDecompressSync(out.subarray(0, length)), TEST_PLAIN) ? system : undefined;
  } catch {
    return undefined;
  }
}
