import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Secret } from "../../src/config/secret.ts";

Deno.test("Secret prints as *** in every way", () => {
  const secret = new Secret("hunter2");
  const ways = [
    String(secret),
    `${secret}`,
    "" + secret,
    secret.toString(),
    JSON.stringify({ secret }),
    Deno.inspect(secret),
    Deno.inspect({ deep: [{ secret }] }, { showHidden: true, depth: 9 }),
    inspect({ secret }, { showHidden: true }),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify({ ...secret }),
    new Error(`with ${secret}`).message,
  ];
  for (const way of ways) assert.doesNotMatch(way, /hunter2/);
  assert.equal(JSON.stringify({ secret }), '{"secret":"***"}');
  assert.equal(Deno.inspect(secret), "***");
  assert.equal(secret.reveal(), "hunter2");
});

Deno.test("Secret does not travel to a worker by accident", () => {
  assert.deepEqual(Object.keys(structuredClone(new Secret("hunter2"))), []);
});
