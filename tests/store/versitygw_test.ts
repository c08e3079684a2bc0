import assert from "node:assert/strict";
import { ExistsError } from "../../src/base/errors.ts";
import { openS3Store } from "../../src/store/s3.ts";
import { findVersitygw, startVersitygw } from "../fixtures/s3_server.ts";
import { collect, noise, sha256, storeConformance } from "./conformance.ts";
import { s3Mistakes } from "./s3_mistakes.ts";

const binary = findVersitygw();
const ignore = binary === undefined;
const name = `S3Store on versitygw${ignore ? " (not installed)" : ""}`;
const startServer = () => startVersitygw(binary!);

storeConformance(
  name,
  async () => {
    const server = await startServer();
    const store = await openS3Store(server.location(""));
    return { store, cleanup: () => server[Symbol.asyncDispose]() };
  },
  { createOnly: "atomic", checksHashes: true, keepsConnections: true, manyObjects: 1005 },
  { ignore },
);

s3Mistakes(name, startServer, { ignore });

Deno.test({
  name: `${name} uploads large objects in parts, whole or not at all`,
  ignore,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startServer();
    await using store = await openS3Store(server.location("p"), { multipartFromBytes: 6 << 20 });
    const bytes = noise((11 << 20) + 5);
    await store.put("a/large", bytes, { sha256: sha256(bytes), createOnly: true });
    assert.equal(sha256(await store.get("a/large")), sha256(bytes));
    await assert.rejects(store.put("a/large", bytes, { createOnly: true }), ExistsError);
    await assert.rejects(store.put("b/large", bytes, { sha256: "0".repeat(64) }), /SHA-256/);
    assert.deepEqual((await collect(store.list(""))).map((info) => [info.name, info.size]), [
      ["a/large", bytes.length],
    ]);
  },
});
