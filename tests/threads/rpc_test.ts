import assert from "node:assert/strict";
import { CorruptionError } from "../../src/base/errors.ts";
import { type Handlers, isWorker, Moved, Peer, type Port } from "../../src/threads/rpc.ts";

/** Two peers over a channel, as a thread and its worker are. */
function connect(left: Handlers, right: Handlers) {
  const { port1, port2 } = new MessageChannel();
  return {
    left: new Peer(port1 as unknown as Port, left),
    right: new Peer(port2 as unknown as Port, right),
    [Symbol.dispose]() {
      port1.close();
      port2.close();
    },
  };
}

Deno.test("Peer calls a handler of the other side, both ways and within a call", async () => {
  using both = connect(
    { double: (n: number) => n * 2 },
    { quadruple: async (n: number) => await both.right.call<number>("double", n) * 2 },
  );
  assert.equal(await both.left.call("quadruple", 5), 20);
});

Deno.test("Peer gives each answer to its own call, whatever their order", async () => {
  const waiting: (() => void)[] = [];
  using both = connect({}, {
    wait: (n: number) => new Promise((resolve) => waiting.push(() => resolve(n))),
    go: () => waiting.reverse().forEach((resolve) => resolve()),
  });
  const answers = [1, 2, 3].map((n) => both.left.call<number>("wait", n));
  await both.left.call("go");
  assert.deepEqual(await Promise.all(answers), [1, 2, 3]);
});

Deno.test("Peer throws at the caller what the handler threw", async () => {
  using both = connect({}, {
    fail: () => {
      throw new CorruptionError("damaged", { cause: new Error("why") });
    },
  });
  await assert.rejects(both.left.call("fail"), (error: Error) => {
    assert.ok(error instanceof CorruptionError);
    assert.equal(error.message, "damaged");
    assert.equal((error.cause as Error).message, "why");
    return true;
  });
});

Deno.test("Peer throws at a caller of what no one serves", async () => {
  using both = connect({}, {});
  await assert.rejects(both.left.call("nothing"), /No handler for call "nothing"/);
});

Deno.test("Peer moves buffers that are given away, there and back", async () => {
  using both = connect({}, {
    back: (buffer: ArrayBuffer) => new Moved(buffer, [buffer]),
  });
  const buffer = new ArrayBuffer(8);
  const answer = await both.left.call<ArrayBuffer>("back", buffer, [buffer]);
  assert.deepEqual([buffer.byteLength, answer.byteLength], [0, 8]);
});

Deno.test("Peer fails the calls that wait when the other side is gone, and those to come", async () => {
  using both = connect({}, { never: () => new Promise(() => {}) });
  const call = both.left.call("never");
  both.left.fail(new Error("gone"));
  await assert.rejects(call, /gone/);
  await assert.rejects(both.left.call("never"), /gone/);
});

Deno.test("isWorker() is false on the main thread", () => assert.equal(isWorker(), false));
