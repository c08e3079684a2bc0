import { isWorker } from "../../src/threads/rpc.ts";
import { sha256Into } from "../../src/platform/sha256.ts";
import { cipher } from "../../src/seal/cipher.ts";

// A process that ends while its threads hash and seal, as an interrupted backup does.

const WORKERS = 3;
const EXIT_CODE = 7;

if (isWorker()) {
  const bytes = new Uint8Array(2048);
  const into = new Uint8Array(4096);
  (self as unknown as Worker).postMessage("ready");
  for (;;) {
    sha256Into(bytes, into, 0);
    cipher().seal(bytes.subarray(0, 32), bytes.subarray(0, 12), bytes, into);
  }
}

const workers = Array.from({ length: WORKERS }, () => new Worker(import.meta.url, { type: "module" }));
await Promise.all(workers.map((worker) => new Promise((resolve) => worker.onmessage = resolve)));
await new Promise((resolve) => setTimeout(resolve, 20));
Deno.exit(EXIT_CODE);
