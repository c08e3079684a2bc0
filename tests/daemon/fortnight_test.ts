import assert from "node:assert/strict";
import { seeded } from "../../src/base/chance.ts";
import { testSeed } from "../fixtures/random.ts";
import { away, DAY, HOUR, MINUTE, type Run, Simulated } from "./simulated.ts";

interface Change {
  readonly name: string;
  readonly path: string;
  readonly atMs: number;
}

/** The successful run that has `change` in it. */
function runWith(runs: readonly Run[], { name, path, atMs }: Change): Run | undefined {
  return runs.find((run) =>
    run.name === name && run.succeeded && run.startMs >= atMs &&
    (run.taken.everything || run.taken.directories.includes(path))
  );
}

const seed = testSeed();

Deno.test("fourteen days: every change is backed up in time, runs do not overlap, pauses and full scans are kept", async () => {
  console.log(`VAULTIK_TEST_SEED=${seed}`);
  const random = seeded(seed);
  const simulated = new Simulated().start();
  const changes: Change[] = [];
  let awayUntilMs = 0;
  simulated.failure = () => simulated.clock.nowMs() < awayUntilMs ? away : undefined;
  const endMs = simulated.startMs + 14 * DAY;
  let lastChangeMs = 0;
  while (simulated.clock.nowMs() < endMs) {
    await simulated.clock.pass(Math.floor(random() ** 4 * 4 * HOUR));
    simulated.durationMs = Math.floor(random() * 10 * MINUTE);
    if (random() < 0.02) awayUntilMs = simulated.clock.nowMs() + random() * 8 * HOUR;
    const name = random() < 0.7 ? "home" : "etc";
    const change = { name, path: `/${name}/${changes.length}`, atMs: simulated.clock.nowMs() };
    simulated.change(name, change.path);
    changes.push(change);
    lastChangeMs = change.atMs;
  }
  simulated.failure = () => undefined;
  await simulated.clock.pass(3 * HOUR);
  simulated.stop();
  const { runs } = simulated;
  for (const change of changes) {
    const run = runWith(runs, change);
    assert.ok(run !== undefined, `${change.path} was lost`);
    const failedBefore = runs.some(({ succeeded, startMs }) =>
      !succeeded && startMs < run.startMs && startMs > change.atMs - 4 * HOUR
    );
    if (failedBefore) continue;
    // A tick, the least pause, the wait for calm, and what else was running.
    assert.ok(
      run.startMs - change.atMs <= HOUR + 15 * MINUTE + MINUTE + 40 * MINUTE,
      `${change.path} waited too long`,
    );
  }
  runs.forEach((run, i) => assert.ok(i === 0 || run.startMs >= runs[i - 1]!.endMs, "two runs at a time"));
  const fullScans = runs.filter(({ name, taken, succeeded }) =>
    name === "home" && taken.everything && succeeded
  );
  assert.ok(fullScans.length >= 13 && fullScans.length <= 15, `${fullScans.length} full scans`);
  assert.ok(lastChangeMs - simulated.startMs > 13 * DAY);
});

Deno.test("fourteen days in which nothing changes: a full scan a day, and nothing else", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(14 * DAY + HOUR);
  assert.equal(simulated.minutes("home").length, 15);
  assert.ok(simulated.runs.every(({ taken }) => taken.everything));
  assert.equal(simulated.lines.filter((line) => line === "Running full periodic scan...").length, 14);
  simulated.stop();
});
