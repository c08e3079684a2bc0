import assert from "node:assert/strict";
import { delayBound, retry, type RetryPolicy, systemTiming } from "../../src/base/retry.ts";

const policy: RetryPolicy = { baseMs: 100, maxDelayMs: 1000, limitMs: 10_000 };

/** A clock that only sleeping moves. */
function fakeTiming(random = () => 0.5) {
  let nowMs = 0;
  const slept: number[] = [];
  const sleep = (delayMs: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    slept.push(delayMs);
    nowMs += delayMs;
    return Promise.resolve();
  };
  return { now: () => nowMs, random, sleep, slept };
}

Deno.test("retry() gives the first success and the number of the attempt", async () => {
  const timing = fakeTiming();
  const result = await retry(
    (attempt) => attempt < 3 ? Promise.reject(new Error("no")) : Promise.resolve(attempt),
    {
      policy,
      timing,
      isRetryable: () => true,
    },
  );
  assert.equal(result, 3);
  assert.deepEqual(timing.slept, [50, 100]);
});

Deno.test("retry() doubles its pauses up to the bound", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 50, 2000].map((attempt) => delayBound(policy, attempt)), [
    100,
    200,
    400,
    800,
    1000,
    1000,
    1000,
  ]);
});

Deno.test("retry() throws the last failure once the next attempt would start too late", async () => {
  const timing = fakeTiming(() => 0.999);
  let attempts = 0;
  const work = () => Promise.reject(new Error(`failure ${++attempts}`));
  await assert.rejects(retry(work, { policy, timing, isRetryable: () => true }), (error: Error) => {
    assert.equal(error.message, `failure ${attempts}`);
    return true;
  });
  assert(timing.now() <= policy.limitMs);
  assert(timing.now() > policy.limitMs - policy.maxDelayMs);
});

Deno.test("retry() does not repeat what is not retryable", async () => {
  let attempts = 0;
  const work = () => Promise.reject(new Error(`failure ${++attempts}`));
  await assert.rejects(retry(work, { policy, timing: fakeTiming(), isRetryable: () => false }), /failure 1/);
});

Deno.test("retry() tells of each pause before it", async () => {
  const retried: [string, number][] = [];
  await retry((attempt) => attempt < 3 ? Promise.reject(new Error(`no ${attempt}`)) : Promise.resolve(), {
    policy,
    timing: fakeTiming(() => 0.25),
    isRetryable: () => true,
    onRetry: (error, delayMs) => retried.push([(error as Error).message, delayMs]),
  });
  assert.deepEqual(retried, [["no 1", 25], ["no 2", 50]]);
});

Deno.test("retry() stops with the signal's reason, also while it sleeps", async () => {
  const reason = new Error("stop");
  const controller = new AbortController();
  const work = () => Promise.reject(new Error("no"));
  const timing = { ...systemTiming, random: () => 0.999 };
  const slow = { ...policy, baseMs: 5000, maxDelayMs: 5000 };
  const result = retry(work, { policy: slow, timing, isRetryable: () => true, signal: controller.signal });
  setTimeout(() => controller.abort(reason), 20);
  await assert.rejects(result, (error) => error === reason);
});

Deno.test("retry() does not begin when the signal has fired", async () => {
  const work = () => Promise.reject(new Error("called"));
  const signal = AbortSignal.abort(new Error("stop"));
  await assert.rejects(retry(work, { policy, isRetryable: () => true, signal }), /stop/);
});
