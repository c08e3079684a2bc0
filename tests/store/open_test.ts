import assert from "node:assert/strict";
import { UsageError } from "../../src/base/errors.ts";
import { silent } from "../../src/report/events.ts";
import { openStore } from "../../src/store/open.ts";
import { locationAt } from "../fixtures/s3_server.ts";
import { text } from "./objects.ts";

Deno.test("openStore() opens a directory", async () => {
  const path = await Deno.makeTempDir({ prefix: "vaultik-store-" });
  try {
    await using store = await openStore({ kind: "file", path }, silent);
    assert.equal(store.location, `file://${path}`);
    await store.put("a", text("x"));
    assert.equal(await Deno.readTextFile(`${path}/a`), "x");
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});

Deno.test("openStore() names a bucket without showing a secret, whatever slashes the prefix has", async () => {
  const table = [["", "s3://vaultik"], ["a/b", "s3://vaultik/a/b"], ["/a/b/", "s3://vaultik/a/b"]];
  for (const [prefix, location] of table) {
    await using store = await openStore(locationAt("http://127.0.0.1:1", prefix), silent);
    assert.equal(store.location, location);
    assert(!Deno.inspect(store, { depth: 20 }).includes("SECRETTEST"));
  }
});

Deno.test("openStore() takes an endpoint with and without a scheme, and refuses nonsense", async () => {
  for (const endpoint of ["127.0.0.1:1", "http://127.0.0.1:1/", "https://s3.example.org"]) {
    await (await openStore(locationAt(endpoint), silent))[Symbol.asyncDispose]();
  }
  await assert.rejects(openStore(locationAt("http://[bad"), silent), UsageError);
});

Deno.test("openStore() refuses an access key without its secret", async () => {
  const location = { ...locationAt("http://127.0.0.1:1"), secretAccessKey: undefined };
  await assert.rejects(openStore(location, silent), UsageError);
});
