import assert from "node:assert/strict";
import { CorruptionError } from "../../src/base/errors.ts";
import { type Handlers, isWorker, Moved, type NoCalls, Peer, type Port } from "../../src/threads/rpc.ts";

interface Doubles {
  double(n: number): number;
}

interface Quadruples {
  quadruple(n: number): number;
}

interface Waits {
  wait(n: number): number;
  go(): void;
}

/** Two peers over a channel, as a thread and its worker are. */
function connect<Left, Right>(left: Handlers<Left>, right: Handlers<Right>) {
  const { port1, port2 } = new MessageChannel();
  return {
    left: new Peer<Right, Left>(port1 as unknown as Port, left),
    right: new Peer<Left, Right>(port2 as unknown as Port, right),
    [Symbol.dispose]() {
      port1.close();
      port2.close();
    },
  };
}

Deno.test("Peer calls a handler of the other side, both ways and within a call", async () => {
  using both = connect<Doubles, Quadruples>(
    { double: (n) => n * 2 },
    { quadruple: async (n): Promise<number> => await both.right.remote.double(n) * 2 },
  );
  assert.equal(await both.left.remote.quadruple(5), 20);
});

Deno.test("Peer gives each answer to its own call, whatever their order", async () => {
  const waiting: (() => void)[] = [];
  using both = connect<NoCalls, Waits>({}, {
    wait: (n) => new Promise((resolve) => waiting.push(() => resolve(n))),
    go: () => waiting.reverse().forEach((resolve) => resolve()),
  });
  const answers = [1, 2, 3].map((n) => both.left.remote.wait(n));
  await both.left.remote.go();
  assert.deepEqual(await Promise.all(answers), [1, 2, 3]);
});

Deno.test("Peer throws at the caller what the handler threw", async () => {
  using both = connect<NoCalls, { fail(): void }>({}, {
    fail: () => {
      throw new CorruptionError("damaged", { cause: new Error("why") });
    },
  });
  await assert.rejects(both.left.remote.fail(), (error: Error) => {
    assert.ok(error instanceof CorruptionError);
    assert.equal(error.message, "damaged");
    assert.equal((error.cause as Error).message, "why");
    return true;
  });
});

Deno.test("Peer throws at a caller of what no one serves", async () => {
  using both = connect<NoCalls, { nothing(): void }>({}, {} as Handlers<{ nothing(): void }>);
  await assert.rejects(both.left.remote.nothing(), /No handler for call "nothing"/);
});

Deno.test("Peer moves buffers that are given away, there and back", async () => {
  using both = connect<NoCalls, { back(buffer: ArrayBuffer): ArrayBuffer }>({}, {
    back: (buffer) => new Moved(buffer, [buffer]),
  });
  const buffer = new ArrayBuffer(8);
  const answer = await both.left.remote.back(buffer, [buffer]);
  assert.deepEqual([buffer.byteLength, answer.byteLength], [0, 8]);
});

Deno.test("the calls of a peer can be handed on: they are no promise", async () => {
  using both = connect<NoCalls, Doubles>({}, { double: (n) => n * 2 });
  const remote = await Promise.resolve(both.left.remote);
  assert.equal(await remote.double(4), 8);
});

Deno.test("Peer fails the calls that wait when the other side is gone, and those to come", async () => {
  using both = connect<NoCalls, { never(): void }>({}, { never: () => new Promise(() => {}) });
  const call = both.left.remote.never();
  both.left.fail(new Error("gone"));
  await assert.rejects(call, /gone/);
  await assert.rejects(both.left.remote.never(), /gone/);
});

Deno.test("isWorker() is false on the main thread", () => assert.equal(isWorker(), false));
