import "../../fixtures/same_thread.ts";
import fc from "fast-check";
import { live, lives } from "./commands.ts";

/** Always the same lives: longer searches are `deno task model-check`. */
const SEED = 20250102;
const ACTIONS = 2_000;
const ACTIONS_A_LIFE = 250;

Deno.test("hosts that change, back up, lose, restore and prune have what a plain model says", async () => {
  let done = 0;
  for (let seed = SEED; done < ACTIONS; seed++) {
    const property = fc.asyncProperty(lives(ACTIONS_A_LIFE), async (actions) => {
      await live(actions);
      done += actions.length;
    });
    await fc.assert(property, { seed, numRuns: 1, endOnFailure: true });
  }
});
