import assert from "node:assert/strict";
import { Mutex } from "../../src/base/mutex.ts";

Deno.test("Mutex runs one section at a time, in the order of asking, also after one that fails", async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const section = (name: string, turns: number) =>
    mutex.run(async () => {
      log.push(`${name} begins`);
      for (let i = 0; i < turns; i++) await Promise.resolve();
      log.push(`${name} ends`);
      if (name === "b") throw new Error("b failed");
      return name;
    });
  const results = await Promise.allSettled([section("a", 9), section("b", 3), section("c", 0)]);
  assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  assert.deepEqual(results.map((result) => result.status), ["fulfilled", "rejected", "fulfilled"]);
  assert.equal(await section("d", 0), "d");
});
