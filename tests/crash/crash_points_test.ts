import "./patched.ts";
import assert from "node:assert/strict";

const { OPERATIONS } = await import("./operations.ts");
const { Sweep } = await import("./sweep.ts");
const { StoreSweep } = await import("./store_sweep.ts");

// A sample of what `deno task crash-points` does in full: always the same points, evenly apart.

const CRASHES = 2;
const ERRORS = 3;
const LOST_CALLS = 2;

for (const operation of OPERATIONS) {
  Deno.test({
    name: `${operation.name}: no promise is broken where a call fails, or the machine does`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      using sweep = await Sweep.open(operation);
      using storeSweep = await StoreSweep.open(operation);
      let count = 0;
      for (const points of [sweep.crashes(CRASHES), sweep.errors(ERRORS), storeSweep.points(LOST_CALLS)]) {
        for await (const { number, call, way, fault, outcome, detail } of points) {
          assert.notEqual(outcome, "BROKEN", `${way} (${fault}) at call ${number}, ${call}: ${detail}`);
          count++;
        }
      }
      assert.ok(count >= ERRORS, `${count} points`);
    },
  });
}
