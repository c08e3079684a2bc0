import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ListedBlob,
  noIds,
  type PruneFacts,
  PrunePlanner,
} from "../../../src/operations/prune/prune_plan.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date("2025-06-01T00:00:00Z");
const ID = "ab".repeat(32);

type State = "named" | "due" | "waiting";

function planOf(ageMs: number, states: readonly State[], change: Partial<PruneFacts> = {}) {
  const sets = { named: noIds(), due: noIds(), waiting: noIds() };
  for (const state of states) sets[state].blobs.addText(ID);
  const planner = new PrunePlanner({
    now: NOW,
    graceMs: DAY,
    minAgeMs: 0,
    lost: new Set(),
    ...sets,
    ...change,
  });
  planner.add({ kind: "blobs", id: ID, sizeBytes: 7, modified: new Date(NOW.getTime() - ageMs) });
  return planner.plan();
}

function outcome(...args: Parameters<typeof planOf>): string {
  const plan = planOf(...args);
  const kept = Object.keys(plan.kept);
  return [plan.removed.objects > 0 ? "remove" : "", plan.marked.objects > 0 ? "mark" : "", ...kept]
    .filter((word) => word !== "").join(", ");
}

const TABLE: [what: string, args: Parameters<typeof planOf>, expected: string][] = [
  ["a named blob", [9 * DAY, ["named"]], "named by a snapshot"],
  ["a named blob that was marked long ago", [9 * DAY, ["named", "due"]], "named by a snapshot"],
  ["an unnamed blob just younger than the grace time", [DAY - 1, []], "younger than the grace time"],
  ["an unnamed blob of the grace time", [DAY, []], "mark"],
  ["an unnamed blob from the future", [-DAY, []], "younger than the grace time"],
  ["a marked blob", [9 * DAY, ["waiting"]], "marked for deletion"],
  ["a blob marked a grace time ago", [9 * DAY, ["due"]], "remove"],
  ["a blob marked twice", [9 * DAY, ["due", "waiting"]], "remove"],
  [
    "an unnamed blob just younger than the least age",
    [30 * DAY - 1, [], { minAgeMs: 30 * DAY }],
    "younger than the least age",
  ],
  ["an unnamed blob of the least age", [30 * DAY, [], { minAgeMs: 30 * DAY }], "mark"],
  ["an unnamed new blob without a grace time", [0, [], { graceMs: 0 }], "remove, mark"],
];
for (const [what, args, expected] of TABLE) {
  Deno.test(`a prune plan for ${what}: ${expected}`, () => assert.equal(outcome(...args), expected));
}

Deno.test("a prune plan names what is missing, but for what repairs have given up", () => {
  const named = noIds();
  named.pages.addText("11".repeat(32));
  named.blobs.addText("22".repeat(32));
  const lost = new Set([`pages/11/11/${"11".repeat(32)}`]);
  const facts = { now: NOW, graceMs: DAY, minAgeMs: 0, named, due: noIds(), waiting: noIds() };
  const missing = [`blobs/22/22/${"22".repeat(32)}`, `pages/11/11/${"11".repeat(32)}`];
  assert.deepEqual(new PrunePlanner({ ...facts, lost: new Set() }).plan().missing, missing);
  assert.deepEqual(new PrunePlanner({ ...facts, lost }).plan().missing, missing.slice(0, 1));
});

Deno.test("a prune plan says something of each blob once, removes nothing that is named, and adds up", () => {
  const blob = fc.record({
    number: fc.integer({ min: 0, max: 255 }),
    kind: fc.constantFrom("blobs" as const, "pages" as const),
    sizeBytes: fc.nat(1000),
    ageMs: fc.integer({ min: 0, max: 60 * DAY }),
    states: fc.uniqueArray(fc.constantFrom<State>("named", "due", "waiting")),
  });
  const blobs = fc.uniqueArray(blob, { selector: ({ number, kind }) => `${kind} ${number}` });
  fc.assert(fc.property(blobs, (listed) => {
    const sets = { named: noIds(), due: noIds(), waiting: noIds() };
    const all = listed.map(({ number, kind, sizeBytes, ageMs, states }): ListedBlob & { states: State[] } => {
      const id = number.toString(16).padStart(2, "0").repeat(32);
      for (const state of states) sets[state][kind].addText(id);
      return { kind, id, sizeBytes, modified: new Date(NOW.getTime() - ageMs), states };
    });
    const planner = new PrunePlanner({ now: NOW, graceMs: DAY, minAgeMs: 0, lost: new Set(), ...sets });
    for (const blob of all) planner.add(blob);
    const { remove, mark, removed, marked, kept, missing } = planner.plan();
    assert.deepEqual(missing, []);
    for (const { kind, id, states } of all) {
      const isGoing = remove[kind].has(id) || mark[kind].has(id);
      assert.ok(!(isGoing && states.includes("named")));
      assert.ok(!remove[kind].has(id) || states.includes("due"));
    }
    const amounts = [removed, marked, ...Object.values(kept)];
    assert.equal(amounts.reduce((sum, { objects }) => sum + objects, 0), all.length);
    const bytes = all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    assert.equal(amounts.reduce((sum, amount) => sum + amount.bytes, 0), bytes);
    assert.equal(removed.objects, remove.blobs.size + remove.pages.size);
  }));
});
