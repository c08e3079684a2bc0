import assert from "node:assert/strict";
import { UnavailableError } from "../../src/base/errors.ts";
import { silent } from "../../src/report/events.ts";
import { isLostConnection, orLostConnection } from "../../src/store/lost_connections.ts";
import { retrying } from "../../src/store/retrying.ts";
import { openS3Store } from "../../src/store/s3.ts";
import { type RawRequest, reply, serveRaw } from "../fixtures/raw_server.ts";
import { locationAt } from "../fixtures/s3_server.ts";

Deno.test("isLostConnection() knows the faults of Deno 2.6 and nothing else", () => {
  assert.ok(isLostConnection(new TypeError("error reading a body from connection")));
  assert.ok(isLostConnection(new TypeError("Failed to fetch: request body stream errored")));
  assert.ok(isLostConnection(new Error("resource closed")));
  assert.ok(isLostConnection("resource closed"));
  assert.ok(!isLostConnection(new TypeError("x is undefined")));
  assert.ok(!isLostConnection("the resource closed the door"));
});

Deno.test("uploads under way end when a connection is lost where no one can catch it, and others are not touched", async () => {
  const upload = orLostConnection(new Promise(() => {}));
  assert.equal(await orLostConnection(Promise.resolve(5)), 5);
  void Promise.reject(new TypeError("Failed to fetch: request body stream errored"));
  await assert.rejects(upload, UnavailableError);
  assert.equal(await orLostConnection(Promise.resolve(6)), 6);
});

const BYTES = 64 << 20;

/** Reads a body of `length` bytes as far as it comes; slowly, so that it is still being sent. How much of it is not `byte`. */
async function foreignBytes({ connection }: RawRequest, length: number, byte: number): Promise<number> {
  const buffer = new Uint8Array(1 << 20);
  let foreign = 0;
  for (let left = length - buffer.length;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null || (left -= count) < 0) return foreign;
    foreign += buffer.subarray(0, count).filter((one) => one !== byte).length;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

Deno.test({
  name: "an upload that was given up sends nothing of what its buffer is used for next",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const first = Promise.withResolvers<number>();
    let requests = 0;
    await using server = serveRaw(async (request) => {
      if (++requests > 1) return await reply(request, 200, "");
      void Promise.reject(new TypeError("Failed to fetch: request body stream errored"));
      first.resolve(await foreignBytes(request, BYTES, 1));
    });
    await using store = retrying(await openS3Store(locationAt(server.endpoint)), silent, {
      policy: { baseMs: 1 },
    });
    const buffer = new Uint8Array(BYTES).fill(1);
    await store.put("a", buffer);
    buffer.fill(2);
    assert.deepEqual([requests, await first.promise], [2, 0]);
  },
});
