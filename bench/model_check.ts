// Random lives of two hosts on a store: what the program makes of them is compared with a plain model, until ACTIONS (default 50,000) have
// been done. A difference is made as small as it gets.
//   deno task model-check [ACTIONS] [--as-found]
import fc from "fast-check";
import { testSeed } from "../tests/fixtures/random.ts";
import { type Action, live, lives } from "../tests/operations/model_check/commands.ts";

const ACTIONS_A_LIFE = 500;
/** A smaller example than what is found by then is not looked for. */
const SHRINK_MS = 5 * 60_000;

const wanted = Number(Deno.args[0] ?? 50_000);
const counts = new Map<string, number>();
let [done, seed] = [0, testSeed()];
const count = (actions: readonly Action[]) => {
  done += actions.length;
  for (const action of actions) counts.set(action.do, (counts.get(action.do) ?? 0) + 1);
};
for (; done < wanted; seed++) {
  const property = fc.asyncProperty(lives(ACTIONS_A_LIFE), async (actions) => {
    await live(actions);
    count(actions);
  });
  await fc.assert(property, {
    seed,
    numRuns: 1,
    endOnFailure: Deno.args.includes("--as-found"),
    interruptAfterTimeLimit: SHRINK_MS,
  });
  console.log(`${new Date().toISOString()} ${done} actions, seed ${seed}`);
}
console.table(Object.fromEntries(counts));
