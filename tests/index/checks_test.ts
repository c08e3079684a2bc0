import assert from "node:assert/strict";
import { idOf, withIndex } from "./opened.ts";

Deno.test("CheckIndex knows of each blob when it was checked last, and what was wrong then", () =>
  withIndex(({ checks }) => {
    checks.add([
      { kind: "blobs", id: idOf(1), timeMs: 1_700_000_000_000, fault: "is damaged" },
      { kind: "pages", id: idOf(2), timeMs: 2 },
    ]);
    const damaged = [{ kind: "blobs", id: idOf(1), timeMs: 1_700_000_000_000, fault: "is damaged" }];
    assert.deepEqual(checks.damaged(), damaged);
    checks.add([{ kind: "blobs", id: idOf(1), timeMs: 3 }]);
    assert.deepEqual([...checks.times()], [[idOf(1), 3], [idOf(2), 2]]);
    assert.deepEqual(checks.damaged(), []);
    assert.equal(checks.keepOnly(new Set([idOf(2)])), 1);
    assert.deepEqual([...checks.times()], [[idOf(2), 2]]);
  }));
