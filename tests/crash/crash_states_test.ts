import assert from "node:assert/strict";
import { kills, pendingOf, powerLosses } from "./crash_states.ts";
import type { Call, Kind } from "./recorder.ts";

const call = (kind: Kind, path: string, more: Partial<Call> = {}): Call => ({
  kind,
  path,
  redo: () => {},
  ...more,
});

/** How a file is written so that it is there whole or not at all. */
const DURABLE = [
  call("create", "/d/a~"),
  call("write", "/d/a~"),
  call("sync", "/d/a~"),
  call("rename", "/d/a", { from: "/d/a~" }),
  call("sync", "/d/"),
];

Deno.test("what may be lost is what no fsync of the file, or of its directory, came after", () => {
  const pending = DURABLE.map((_, i) => pendingOf(DURABLE, i + 1));
  assert.deepEqual(pending, [[0], [0, 1], [0], [0, 3], []]);
});

Deno.test("a kill leaves what was done before each call that changes something, and half of a write", () => {
  const states = [...kills(DURABLE)].map(({ made, half }) => `${made}${half ? "½" : ""}`);
  assert.deepEqual(states, ["0", "1", "2½", "3", "5"]);
});

Deno.test("a loss of power takes any of what may be lost, and commits from the newest backwards", () => {
  const lost = (calls: readonly Call[]) =>
    [...powerLosses(calls)].map(({ made, lost }) => `${made}-${[...lost].join("")}`);
  assert.deepEqual(lost(DURABLE), ["1-0", "2-0", "2-1", "2-01", "4-0", "4-3", "4-03"]);
  const commits = [call("commit", "/i"), call("commit", "/i"), call("commit", "/i", { isCheckpoint: true })];
  assert.deepEqual(new Set(lost(commits)), new Set(["1-0", "2-1", "2-01"]));
});
