// Backups, purges, prunes, compactions, crashes and stalls at random, until ACTIONS (default 50,000) of them have been done; every
// listed snapshot must be whole after every call to the store, and the garbage gone in the end of each round.
//   deno task soak-prune [ACTIONS]
import { testSeed } from "../tests/fixtures/random.ts";
import { runEngine } from "../tests/operations/keeping/run_engine.ts";

const ACTIONS_A_ROUND = 1_000;
const DAY_MS = 24 * 3_600_000;
const SETTINGS = [
  { isAtomic: true, graceMs: DAY_MS },
  { isAtomic: false, graceMs: DAY_MS },
  { isAtomic: true, graceMs: 0 },
];

const wanted = Number(Deno.args[0] ?? 50_000);
const counts = new Map<string, number>();
let seed = testSeed();
for (let done = 0; done < wanted; done += ACTIONS_A_ROUND) {
  const setting = SETTINGS[(done / ACTIONS_A_ROUND) % SETTINGS.length]!;
  const engine = await runEngine({ ...setting, seed }, ACTIONS_A_ROUND);
  for (const [kind, count] of engine.counts) counts.set(kind, (counts.get(kind) ?? 0) + count);
  console.log(`${done + ACTIONS_A_ROUND} actions, seed ${seed}`);
  seed++;
}
console.table(Object.fromEntries(counts));
