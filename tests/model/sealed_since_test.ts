import assert from "node:assert/strict";
import { sealedSince } from "../../src/model/sealed_since.ts";

const day = (number: number) => `2025-01-0${number}T00:00:00.000Z`;
const keys = (number: number, recipients?: string[]) => ({
  created: day(number),
  hostname: `web${number}`,
  ...recipients && { recipients },
});

Deno.test("snapshots back to the last recipient that was added are sealed to all, also over one that was removed", () => {
  const all = [keys(1, ["a"]), keys(2, ["a", "b"]), keys(3, ["b", "a"]), keys(4, ["b"])];
  const since = (finished: number) => sealedSince(all.toReversed(), day(finished))?.sinceMs;
  assert.equal(since(1), Date.parse(day(1)));
  assert.equal(since(3), Date.parse(day(2)));
  assert.equal(since(5), Date.parse(day(2)));
  assert.deepEqual(sealedSince(all, day(5))!.recipients, ["b"]);
  assert.equal(sealedSince(all, day(5))!.hostname, "web4");
  assert.equal(
    sealedSince([...all, keys(6, ["a", "b"])], day(7))!.sinceMs,
    Date.parse(day(6)),
  );
});

Deno.test("keys that do not tell their recipients say nothing of older snapshots, and nothing where they are the newest", () => {
  assert.equal(sealedSince([], day(1)), undefined);
  assert.equal(sealedSince([keys(1, ["a"])], "2025-01-01T00:00:00Z")!.sinceMs, Date.parse(day(1)));
  assert.equal(sealedSince([keys(2, ["a"])], day(1)), undefined);
  assert.equal(sealedSince([keys(1, ["a"]), keys(2)], day(3)), undefined);
  assert.equal(sealedSince([keys(1), keys(2, ["a"])], day(3))!.sinceMs, Date.parse(day(2)));
});
