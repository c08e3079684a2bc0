import assert from "node:assert/strict";
import { UnavailableError } from "../../src/base/errors.ts";
import { isLostConnection, orLostConnection } from "../../src/store/lost_connections.ts";

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
