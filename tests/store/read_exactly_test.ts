import assert from "node:assert/strict";
import { UnavailableError } from "../../src/base/errors.ts";
import { withIdleLimit } from "../../src/store/idle_limit.ts";
import { readExactly } from "../../src/store/s3_read.ts";

Deno.test("an answer that comes after its call was given up writes nothing: others may have the memory by then", async () => {
  const memory = new Uint8Array(new SharedArrayBuffer(8));
  let late!: (piece: Uint8Array<ArrayBuffer>) => void;
  const body = new ReadableStream({
    type: "bytes",
    start: (controller) => {
      controller.enqueue(Uint8Array.of(1, 2, 3));
      late = (piece) => controller.enqueue(piece);
    },
  });
  let reading!: Promise<Uint8Array>;
  await assert.rejects(
    withIdleLimit(1, undefined, (watch) => reading = readExactly(body, memory, watch)),
    UnavailableError,
  );
  memory.fill(9);
  late(Uint8Array.of(4, 5, 6, 7, 8));
  await assert.rejects(reading, UnavailableError);
  assert.deepEqual([...memory], Array(8).fill(9));
});
