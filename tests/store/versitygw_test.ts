import assert from "node:assert/strict";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { ExistsError, LockedError, RefusedError } from "../../src/base/errors.ts";
import { forEachParallel } from "../../src/base/parallel.ts";
import { removeObjects } from "../../src/store/remove_objects.ts";
import { openS3Store } from "../../src/store/s3.ts";
import { Traffic } from "../../src/store/traffic.ts";
import { allowUser, findVersitygw, type S3Server, startVersitygw, USER } from "../fixtures/s3_server.ts";
import { collect, noise, sha256 } from "./objects.ts";
import { storeConformance } from "./conformance.ts";
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
  name: `${name} states the SHA-256 of what was put, and none of what is not there`,
  ignore,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startServer();
    await using store = await openS3Store(server.location("p"));
    const bytes = noise(100_000);
    await store.put("a/object", bytes, { sha256: sha256(bytes) });
    assert.equal(await store.statedSha256!("a/object"), sha256(bytes));
    assert.equal(await store.statedSha256!("a/none"), undefined);
  },
});

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

Deno.test({
  name: `${name} locks what it stores, renews the lock, and lets no one overwrite or remove it`,
  ignore,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startServer();
    const location = await makeLockedBucket(server);
    const objectLock = { mode: "governance", days: 1 } as const;
    await using store = await openS3Store({ ...location, objectLock });
    await store.put("small", noise(10), { createOnly: true });
    await using inParts = await openS3Store({ ...location, objectLock }, { multipartFromBytes: 6 << 20 });
    await inParts.put("large", noise(11 << 20), { createOnly: true });
    await store.locks!.renew("small", store.locks!.end(new Date(Date.now() + 86_400_000)));
    for (const name of ["small", "large"]) {
      await assert.rejects(store.remove(name), LockedError);
      assert.notEqual(await store.size(name), undefined);
    }
    await assert.rejects(store.put("small", noise(11)), RefusedError);
    assert.deepEqual(await store.get("small"), noise(10));
  },
});

Deno.test({
  name: `${name} removes many objects by few requests, and says which a lock keeps`,
  ignore,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startServer();
    const location = await makeLockedBucket(server);
    const traffic = new Traffic();
    await using store = await openS3Store(location, { traffic });
    const names = Array.from({ length: 1_203 }, (_, i) => `d/${i % 7}/${i}`);
    await forEachParallel(names, 16, (name) => store.put(name, noise(3)));
    await using locking = await openS3Store({ ...location, objectLock: { mode: "governance", days: 1 } });
    await locking.put("d/locked", noise(3));
    const locked = await removeObjects(store, [...names, "d/none", "d/locked"]);
    assert.deepEqual(locked.map(({ name }) => name), ["d/locked"]);
    assert.ok(locked[0]!.error instanceof LockedError, Deno.inspect(locked[0]!.error));
    assert.deepEqual((await collect(store.list(""))).map(({ name }) => name), ["d/locked"]);
    assert.deepEqual([store.abilities!.manyRemovals.seen, traffic.counts.remove.calls], ["yes", 2]);
  },
});

Deno.test({
  name: `${name} removes nothing with credentials that may not`,
  ignore,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startServer();
    await allowUser(server, "p", { bucket: ["s3:ListBucket"], objects: ["s3:PutObject"] });
    await using store = await openS3Store({ ...server.location("p"), ...USER });
    for (const name of ["a", "b"]) await store.put(name, noise(3));
    await assert.rejects(removeObjects(store, ["a", "b"]), (error: Error) => {
      assert.ok(error instanceof RefusedError);
      assert.match(error.message, /^Cannot remove "s3:\/\/vaultik\/p\/[ab]": .* refused access/);
      return true;
    });
    assert.equal((await collect(store.list(""))).length, 2);
  },
});

/** A new bucket that can lock what is in it. */
async function makeLockedBucket(server: S3Server): Promise<ReturnType<S3Server["location"]>> {
  const location = { ...server.location("p"), bucket: "locked" };
  const { endpoint, region, accessKeyId, secretAccessKey, bucket } = location;
  const credentials = { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
  client.destroy();
  return location;
}
