import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { FaultProxy } from "../fixtures/fault_proxy.ts";
import { locationAt, startS3rver } from "../fixtures/s3_server.ts";
import { listTree } from "../fixtures/tree.ts";
import { Scene } from "./vaultik.ts";

const MIB = 1 << 20;
/** Uploads of which the first try is answered before its body is read. */
const REFUSED = 4;

Deno.test("a server that answers 500 before it has read an upload is asked again, and the backup goes on", async () => {
  await using server = await startS3rver();
  await using proxy = new FaultProxy(server.endpoint);
  const seen = new Set<string>();
  proxy.choose = ({ method, target }) => {
    const isFirst = method === "PUT" && target.includes("/blobs/") && !seen.has(target);
    if (!isFirst || seen.size >= REFUSED) return undefined;
    seen.add(target);
    return "early error";
  };
  const { endpoint } = proxy;
  const location = (prefix: string) => locationAt(endpoint, prefix);
  const store = { server: { endpoint, location, async [Symbol.asyncDispose]() {} }, prefix: "early" };
  await using scene = await Scene.open(store, { blob_size_limit: "4MiB" });
  for (let i = 0; i < 6; i++) {
    await Deno.writeFile(join(scene.tree, `file-${i}`), randomBytes(4 * MIB));
  }
  const result = await scene.run("snapshot", "create", "--json");
  assert.equal(result.code, 0, result.stderr);
  assert.doesNotMatch(result.stderr, /this is a bug/);
  assert.deepEqual(proxy.injected, Array.from({ length: REFUSED }, () => "early error"));
  assert.deepEqual(await scene.restored(JSON.parse(result.stdout).id), await listTree(scene.tree));
});
