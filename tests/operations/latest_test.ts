import assert from "node:assert/strict";
import { resolveSnapshot } from "../../src/read/resolve.ts";
import { Machine } from "./machine.ts";

Deno.test("latest is the last of several snapshots that were begun within one second", async () => {
  await using machine = await Machine.make();
  const ids: string[] = [];
  // Their random parts come in any order: seven that happen to ascend are no accident.
  for (let i = 0; i < 7; i++) {
    const now = () => new Date(Date.parse("2025-01-02T03:04:05Z") + i);
    ids.push((await machine.backUp({}, { now })).id);
    const { id } = await resolveSnapshot(machine.rootTools(), "latest");
    assert.equal(id, ids[i]);
  }
  assert.equal(new Set(ids.map((id) => id.slice(0, 16))).size, 1);
});
