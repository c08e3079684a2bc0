import assert from "node:assert/strict";
import { delay } from "../../src/base/clock.ts";
import { loadSystemCompress } from "../../src/platform/linux/libzstd.ts";

const THREADS = 8;
/** The contexts of a thread have about 700,000 bytes. */
const BYTES_MAX = THREADS * 200_000;

const SIZES = Array.from({ length: 10 }, () => "usize" as const);
const symbols = { mallinfo2: { parameters: [], result: { struct: SIZES } } } as const;

function library() {
  try {
    return Deno.dlopen("libc.so.6", symbols);
  } catch {
    return undefined;
  }
}

const libc = library();

/** What the C library has given out and not got back. */
function allocated(): number {
  const sizes = new BigUint64Array(libc!.symbols.mallinfo2().buffer);
  const [, , , , mapped, , , used] = sizes;
  return Number(mapped! + used!);
}

async function compressInThread(): Promise<void> {
  const worker = new Worker(new URL("./compress_in_thread.ts", import.meta.url), { type: "module" });
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = reject;
  });
  worker.terminate();
  await delay(50);
}

Deno.test({
  name: "a thread that has compressed and opened frames leaves no memory of that behind when it is ended",
  ignore: libc === undefined || loadSystemCompress(3, []) === undefined,
  async fn() {
    for (const _ of "12") await compressInThread();
    const before = allocated();
    for (let i = 0; i < THREADS; i++) await compressInThread();
    const grown = allocated() - before;
    assert.ok(grown < BYTES_MAX, `${grown} bytes`);
  },
});
