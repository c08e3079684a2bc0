import assert from "node:assert/strict";
import { away, DAY, HOUR, MINUTE, Simulated } from "./simulated.ts";

Deno.test("the daemon begins with a full backup of all, and says what it does", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(5 * MINUTE);
  assert.deepEqual(simulated.lines, [
    "Daemon mode started",
    "Running initial backup...",
    "Backup complete in 2m",
    "after run",
    "Watching for changes...",
  ]);
  assert.deepEqual(simulated.runs.map(({ name, taken }) => [name, taken.everything]), [["home", true], [
    "etc",
    true,
  ]]);
  assert.equal(simulated.states[0], "READY=1");
  simulated.stop();
  assert.equal(await simulated.ended, true);
  assert.equal(simulated.states.at(-1), "STOPPING=1");
});

Deno.test("only what changed is backed up, at the next tick; without a change nothing is", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  simulated.change("home", "/home/a");
  simulated.change("home", "/home/b");
  simulated.change("home", "/home/b");
  await simulated.clock.pass(5 * HOUR);
  assert.deepEqual([simulated.minutes("home"), simulated.minutes("etc")], [[0, 60], [1]]);
  assert.deepEqual(simulated.runs.at(-1)!.taken.directories, ["/home/a", "/home/b"]);
  assert.ok(simulated.lines.includes("Running scheduled backup (2 changes detected)..."));
  simulated.stop();
});

Deno.test("what is found by catching up counts, too", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  simulated.onCatchUp = () => simulated.change("etc", "/etc");
  await simulated.clock.pass(HOUR);
  assert.deepEqual(simulated.minutes("etc"), [1, 60]);
  simulated.stop();
});

Deno.test("quiet changes wait for a run that something else is the reason of", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  simulated.change("home", "/home/.git", true);
  await simulated.clock.pass(3 * HOUR);
  assert.deepEqual(simulated.minutes("home"), [0]);
  simulated.change("home", "/home/a");
  await simulated.clock.pass(HOUR);
  assert.deepEqual(simulated.runs.at(-1)!.taken.directories, ["/home/.git", "/home/a"]);
  simulated.stop();
});

Deno.test("changes during a backup count for the next one", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  simulated.change("home", "/home/a");
  await simulated.clock.pass(50.5 * MINUTE);
  simulated.change("home", "/home/b");
  await simulated.clock.pass(60 * MINUTE);
  const runs = simulated.runs.filter(({ name }) => name === "home");
  assert.deepEqual(runs.map(({ taken }) => taken.directories), [[], ["/home/a"], ["/home/b"]]);
  simulated.stop();
});

Deno.test("the least pause after a success puts off a run, not the ticks after it", async () => {
  const intervals = { backupMs: 20 * MINUTE, fullScanMs: DAY, minPauseMs: 15 * MINUTE };
  const simulated = new Simulated({ intervals });
  simulated.durationMs = 5 * MINUTE;
  simulated.start();
  await simulated.clock.pass(15 * MINUTE);
  simulated.change("home", "/home/a");
  await simulated.clock.pass(16 * MINUTE);
  simulated.change("home", "/home/a");
  await simulated.clock.pass(30 * MINUTE);
  assert.deepEqual(simulated.minutes("home"), [0, 25, 45]);
  simulated.stop();
});

Deno.test("a run waits until a burst of changes is over, at most a minute", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(59 * MINUTE + 58_000);
  simulated.change("home", "/home/a");
  await simulated.clock.pass(60 * MINUTE);
  assert.deepEqual(simulated.minutes("home"), [0, 60 + 3 / 60]);
  for (let second = 0; second < 90; second++) {
    simulated.change("home", "/home/a");
    await simulated.clock.pass(1_000);
  }
  assert.deepEqual(simulated.minutes("home"), [0, 60 + 3 / 60, 121]);
  simulated.stop();
});

Deno.test("a failed backup is said, tried again with pauses that double, and its changes are not forgotten", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  simulated.failure = (name) => name === "home" ? away : undefined;
  simulated.change("home", "/home/a");
  simulated.change("etc", "/etc");
  await simulated.clock.pass(12 * HOUR);
  assert.deepEqual(simulated.minutes("etc"), [1, 61], "the other snapshot is not held up");
  const pauses = simulated.minutes("home").slice(1).map((minute, i, all) =>
    i === 0 ? 0 : minute - all[i - 1]!
  );
  assert.deepEqual(
    pauses.slice(1, 8),
    [3, 3, 5, 9, 17, 33, 61],
    "a minute each for the backups beside the pauses",
  );
  assert.match(
    simulated.lines.join("\n"),
    /snapshot home: Cannot reach the store\nBackup failed; .*again at 2026-01-01T01:03/,
  );
  assert.equal(simulated.daemon.status().lastError?.message, "Cannot reach the store");
  simulated.change("home", "/home/b");
  simulated.failure = () => undefined;
  await simulated.clock.pass(2 * HOUR);
  const last = simulated.runs.filter(({ name }) => name === "home").at(-1)!;
  assert.deepEqual([last.succeeded, last.taken.directories.toSorted()], [true, ["/home/a", "/home/b"]]);
  assert.equal(simulated.daemon.status().lastError, undefined, "that is over");
  const runs = simulated.runs.length;
  await simulated.clock.pass(5 * HOUR);
  assert.equal(simulated.runs.length, runs, "and then all is calm");
  simulated.stop();
});

Deno.test("an initial backup that fails does not end the daemon, and stays a full one", async () => {
  const simulated = new Simulated();
  simulated.failure = () => away;
  simulated.start();
  await simulated.clock.pass(2.5 * MINUTE);
  simulated.failure = () => undefined;
  await simulated.clock.pass(10 * MINUTE);
  assert.deepEqual(simulated.runs.map(({ taken }) => taken.everything), [true, true, true, true]);
  assert.ok(simulated.lines.includes("Watching for changes..."));
  simulated.stop();
});

Deno.test("a missed tick runs once, late, and so does a clock that jumps ahead", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  simulated.change("home", "/home/a");
  simulated.clock.jump(7.5 * HOUR);
  await simulated.clock.pass(2 * MINUTE);
  assert.equal(simulated.minutes("home").length, 2);
  await simulated.clock.pass(10 * MINUTE);
  simulated.change("home", "/home/b");
  await simulated.clock.pass(40 * MINUTE);
  assert.deepEqual(simulated.minutes("home").at(-1), 8 * 60, "the next tick is on the grid of before");
  simulated.stop();
});

Deno.test("a clock that is set back puts nothing off", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  simulated.change("home", "/home/a");
  simulated.clock.jump(-365 * DAY);
  await simulated.clock.pass(52 * MINUTE);
  assert.equal(simulated.minutes("home").length, 2);
  await simulated.clock.pass(DAY);
  assert.equal(simulated.runs.filter(({ taken }) => taken.everything).length, 4);
  simulated.stop();
});

Deno.test("a run on request does not wait for anything, and answers when it is done", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(3 * MINUTE);
  const done = simulated.daemon.runNow();
  await simulated.clock.pass(3 * MINUTE);
  assert.equal(await done, "complete");
  assert.deepEqual([simulated.minutes("home"), simulated.minutes("etc")], [[0, 3], [1, 4]]);
  simulated.failure = () => away;
  const failing = simulated.daemon.runNow();
  await simulated.clock.pass(3 * MINUTE);
  assert.equal(await failing, "failed");
  simulated.stop();
});

Deno.test("a run in which files could not be read is not reported as complete", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(3 * MINUTE);
  simulated.lacking = ["etc"];
  const done = simulated.daemon.runNow();
  await simulated.clock.pass(3 * MINUTE);
  assert.equal(await done, "incomplete");
  const { lastRun, snapshots } = simulated.daemon.status();
  assert.equal(lastRun?.outcome, "incomplete");
  assert.deepEqual(snapshots.map(({ lastSuccess }) => lastSuccess?.incomplete), [false, true]);
  assert.match(simulated.lines.join("\n"), /Backup complete without files that could not be read/);
  simulated.stop();
});

Deno.test("a request during a run makes another one after it", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(0.5 * MINUTE);
  const done = simulated.daemon.runNow();
  await simulated.clock.pass(5 * MINUTE);
  assert.equal(await done, "complete");
  assert.deepEqual(simulated.minutes("home"), [0, 2]);
  simulated.stop();
});

Deno.test("stopping lets the running backup finish and starts no other", async () => {
  const simulated = new Simulated();
  simulated.durationMs = 4 * MINUTE;
  simulated.start();
  await simulated.clock.pass(MINUTE);
  simulated.stop();
  await simulated.clock.pass(4 * MINUTE);
  assert.equal(await simulated.ended, true);
  assert.deepEqual(simulated.runs.map(({ name, endMs }) => [name, endMs < Infinity]), [["home", true]]);
  assert.ok(simulated.lines.includes("Waiting for in-progress backup to complete..."));
});

Deno.test("a run that a stop cuts short is not reported as complete", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(3 * MINUTE);
  simulated.lines.length = 0;
  const done = simulated.daemon.runNow();
  await simulated.clock.pass(0.5 * MINUTE);
  simulated.stop();
  await simulated.clock.pass(MINUTE);
  assert.equal(await simulated.ended, true);
  assert.deepEqual([simulated.minutes("home"), simulated.minutes("etc")], [[0, 3], [1]]);
  assert.equal(await done, "failed");
  assert.equal(simulated.daemon.status().lastRun?.outcome, "failed");
  assert.doesNotMatch(simulated.lines.join("\n"), /complete in/);
  assert.match(simulated.lines.join("\n"), /Backup stopped before all snapshots were made/);
});

Deno.test("after five minutes a running backup is cut off", async () => {
  const simulated = new Simulated();
  simulated.durationMs = HOUR;
  simulated.start();
  await simulated.clock.pass(MINUTE);
  simulated.stop();
  await simulated.clock.pass(5 * MINUTE - 1);
  assert.ok(!simulated.lines.join().includes("Shutdown timeout"));
  await simulated.clock.pass(1);
  assert.equal(await simulated.ended, false);
  assert.ok(simulated.lines.includes("Shutdown timeout exceeded, forcing exit"));
});

Deno.test("a stop between runs is at once", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  simulated.stop();
  assert.equal(await simulated.ended, true);
  assert.ok(!simulated.lines.join().includes("Waiting for in-progress"));
});
