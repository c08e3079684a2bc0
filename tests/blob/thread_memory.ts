import assert from "node:assert/strict";
import { delay } from "../../src/base/clock.ts";

// For a process of its own: what is counted is that of all threads.

const THREADS = 8;
/** The contexts of a thread have about 700,000 bytes. */
const BYTES_MAX = THREADS * 200_000;

const SIZES = Array.from({ length: 10 }, () => "usize" as const);
const symbols = { mallinfo2: { parameters: [], result: { struct: SIZES } } } as const;

const libc = Deno.dlopen("libc.so.6", symbols);

/** What the C library has given out and not got back. */
function allocated(): number {
  const sizes = new BigUint64Array(libc.symbols.mallinfo2().buffer);
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

for (const _ of "12") await compressInThread();
const before = allocated();
for (let i = 0; i < THREADS; i++) await compressInThread();
const grown = allocated() - before;
assert.ok(grown < BYTES_MAX, `${grown} bytes`);
