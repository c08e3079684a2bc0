import assert from "node:assert/strict";
import { BusyError, UnavailableError } from "../../src/base/errors.ts";
import { Connections } from "../../src/store/connections.ts";

/** A call that ends when the test says so. */
function call(connections: Connections, signal?: AbortSignal) {
  const ending = Promise.withResolvers<void>();
  const state = { isBegun: false };
  const done = connections.run(() => {
    state.isBegun = true;
    return ending.promise;
  }, signal);
  done.catch(() => {});
  return { state, done, succeed: ending.resolve, fail: ending.reject };
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("a call waits for a connection, in the order of asking", async () => {
  const connections = new Connections(2);
  const calls = [call(connections), call(connections), call(connections), call(connections)];
  const begun = () => calls.map(({ state }) => state.isBegun);
  await turn();
  assert.deepEqual(begun(), [true, true, false, false]);
  calls[1]!.succeed();
  await turn();
  assert.deepEqual(begun(), [true, true, true, false]);
});

Deno.test("an answer that it is too much halves the connections once for all calls that were under way, and never to none", async () => {
  const connections = new Connections(8);
  const calls = Array.from({ length: 8 }, () => call(connections));
  await turn();
  for (const { fail } of calls) fail(new BusyError("slow down"));
  await turn();
  assert.equal(connections.allowed, 4);
  for (const allowed of [2, 1, 1]) {
    await assert.rejects(connections.run(() => Promise.reject(new BusyError("slow down"))), BusyError);
    assert.equal(connections.allowed, allowed);
  }
});

Deno.test("successes bring the connections back, other failures leave them", async () => {
  const connections = new Connections(4);
  await assert.rejects(connections.run(() => Promise.reject(new UnavailableError("reset"))), /reset/);
  assert.equal(connections.allowed, 4);
  await assert.rejects(connections.run(() => Promise.reject(new BusyError("slow down"))), /slow/);
  const allowed: number[] = [];
  for (let i = 0; i < 6; i++) {
    await connections.run(() => Promise.resolve());
    allowed.push(connections.allowed);
  }
  assert.deepEqual(allowed, [2, 3, 3, 3, 4, 4]);
});

Deno.test("a call that is stopped while it waits leaves the queue", async () => {
  const connections = new Connections(1);
  const first = call(connections);
  const stopping = new AbortController();
  const second = call(connections, stopping.signal);
  const third = call(connections);
  stopping.abort(new Error("stop"));
  await assert.rejects(second.done, /stop/);
  first.succeed();
  await turn();
  assert.deepEqual([second.state.isBegun, third.state.isBegun], [false, true]);
});
