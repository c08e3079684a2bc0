import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { backUp } from "../../../src/operations/backup/backup.ts";
import { silent } from "../../../src/report/events.ts";
import { hostTools } from "../../../src/read/hosts.ts";
import { executePrune } from "../../../src/operations/prune/prune.ts";
import { surveyPrune } from "../../../src/operations/prune/survey.ts";
import { removeSnapshots } from "../../../src/operations/remove.ts";
import type { ObjectStore } from "../../../src/store/store.ts";
import { randomBytes } from "../../chunk/random.ts";
import { seeded } from "../../../src/base/chance.ts";
import { testSeed } from "../../fixtures/random.ts";
import { assertSameTree, Machine } from "../machine.ts";
import { GatedRun } from "./gated_run.ts";
import { OracleStore } from "./oracle_store.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ACTIONS = 60;
const PRUNE = { graceMs: DAY, minAgeMs: 0, dryRun: false };

Deno.test("two machines with real files, prunes that overtake their backups, crashes: every snapshot restores", async () => {
  const seed = testSeed();
  console.log(`VAULTIK_TEST_SEED=${seed}`);
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  let ms = Date.parse("2025-01-01T00:00:00Z");
  const now = () => new Date(ms);
  const store = new OracleStore({ now });
  await using one = await Machine.make({ hostname: "one" }, store);
  await using two = await Machine.make({ hostname: "two" }, store);
  const machines = [one, two];
  const runs = new Map<GatedRun, Machine | undefined>();

  const tools = (behind: ObjectStore, { host }: Machine) => {
    const signal = new AbortController().signal;
    return hostTools({ store: behind, report: silent, signal, now }, host);
  };
  const idsOf = ({ host }: Machine) =>
    [...store.snapshots].filter(([, snapshot]) => snapshot.host === host).map(([id]) => id);
  const begin = async (work: (store: ObjectStore) => Promise<unknown>, machine?: Machine) => {
    const run = new GatedRun("run", { isAtomic: true });
    runs.set(run, machine);
    await run.start(store, work);
    settle(run);
  };
  const settle = (run: GatedRun) => {
    assert.deepEqual(store.violations, []);
    if (!run.isDone) return;
    runs.delete(run);
    // An error that has crossed threads is of no class of ours any more.
    if (run.error !== undefined && !run.isDead) throw run.error;
  };
  const step = async (run: GatedRun, fate: "done" | "answer lost" = "done") => {
    await run.step(below(run.waiting.length), fate);
    settle(run);
  };
  const prune = async (behind: ObjectStore, machine: Machine) => {
    const own = tools(behind, machine);
    await executePrune(own, await surveyPrune(own, PRUNE), PRUNE);
  };

  for (let action = 0; action < ACTIONS; action++) {
    const machine = machines[below(2)]!;
    const chance = random();
    machine.write(`file-${below(6)}`, randomBytes(below(12), 20_000));
    if (chance < 0.4 && ![...runs.values()].includes(machine)) {
      ms += 1000;
      await begin(
        (behind) => backUp(machine.rootTools({ store: behind, report: silent, now }), machine.options),
        machine,
      );
    } else if (chance < 0.6) await begin((behind) => prune(behind, machine));
    else if (chance < 0.7) {
      const [id] = idsOf(machine);
      if (id !== undefined) await removeSnapshots(tools(store, machine), [id]);
    } else if (chance < 0.75 && runs.size > 0) await step([...runs.keys()][below(runs.size)]!, "answer lost");
    else ms += [HOUR, DAY, 3 * DAY][below(3)]!;
    for (let steps = below(30); steps > 0 && runs.size > 0; steps--) {
      await step([...runs.keys()][below(runs.size)]!);
    }
  }
  while (runs.size > 0) await step([...runs.keys()][0]!);
  for (const machine of machines) {
    ms += 1000;
    const last = await machine.backUp({}, { now });
    await assertSameTree((await machine.restore(last)).data, machine.data);
  }
  const verifyAll = async () => {
    for (const machine of machines) {
      for (const id of idsOf(machine)) assert.deepEqual((await machine.verify({ id })).problems, [], id);
    }
  };
  await verifyAll();
  for (let i = 0; i < 2; i++) {
    ms += 2 * DAY;
    for (const machine of machines) await prune(store, machine);
  }
  await verifyAll();
});
