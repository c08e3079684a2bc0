import { FrameCompressor } from "../../src/blob/frame_compressor.ts";
import { decompressFrame } from "../../src/blob/zstd.ts";

// A thread that compresses, opens what it has made, and waits for its end.
const plain = new Uint8Array(1 << 20).map((_, i) => i * i >>> 7);
const frame = new FrameCompressor(3).compress(plain);
postMessage(decompressFrame(frame, plain.length).length);
