import assert from "node:assert/strict";
import { QuickCalls } from "../../src/store/quick_calls.ts";

/** Calls that take as long as is said, and where each was made. */
function clocked() {
  let now = 1000;
  const calls = new QuickCalls(() => now);
  const make = async (ms: number) => {
    const here = () => (now += ms, "here");
    // What is made elsewhere lets others have their turn, which takes no time of this thread.
    return await calls.make(here, () => Promise.resolve("elsewhere"));
  };
  const makeAll = (count: number, ms: number) =>
    Array.fromAsync(Array.from({ length: count }, () => ms), (ms) => make(ms));
  return { make, makeAll };
}

Deno.test("calls that wait for nothing are made on this thread, but for one now and then", async () => {
  const { make, makeAll } = clocked();
  await make(0);
  const made = await makeAll(1000, 0.02);
  const elsewhere = made.filter((where) => where === "elsewhere").length;
  assert.ok(elsewhere >= 3 && elsewhere <= 4, `${elsewhere}`);
});

Deno.test("after a call that had to wait, those that follow are made elsewhere, and later here again", async () => {
  const { make, makeAll } = clocked();
  await make(0);
  assert.equal(await make(3), "here");
  const made = await makeAll(100, 0);
  const first = made.indexOf("here");
  assert.ok(first >= 8, `${first}`);
  assert.ok(made.slice(first).every((where) => where === "here"));
});

Deno.test("where every call has to wait, hardly any is made here", async () => {
  const { makeAll } = clocked();
  const made = await makeAll(10_000, 8);
  const here = made.filter((where) => where === "here").length;
  assert.ok(here > 1 && here < 20, `${here}`);
});

Deno.test("what a call throws is thrown, wherever it is made, and a slow failure counts as slow", async () => {
  let now = 1000;
  const calls = new QuickCalls(() => now);
  const fail = () => {
    now += 3;
    throw new Error("here");
  };
  const elsewhere = () => Promise.reject(new Error("elsewhere"));
  const messages: string[] = [];
  for (let i = 0; i < 3; i++) {
    await (async () => await calls.make(fail, elsewhere))().catch(({ message }) => messages.push(message));
  }
  assert.deepEqual(messages, ["elsewhere", "here", "elsewhere"]);
});
