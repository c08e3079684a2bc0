import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { DAY, HOUR, MINUTE, settings, Simulated } from "./simulated.ts";

Deno.test("reloading takes new intervals and keeps what is dirty; other paths are watched again and scanned", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  simulated.change("home", "/home/a");
  simulated.settings = settings({ intervals: { backupMs: 12 * MINUTE, fullScanMs: DAY, minPauseMs: 0 } });
  simulated.daemon.reload();
  await simulated.clock.pass(3 * MINUTE);
  assert.deepEqual(simulated.runs.at(-1)!.taken.directories, ["/home/a"]);
  assert.equal(simulated.watchers, 1);
  const [home] = atLeast(1, simulated.settings.snapshots);
  simulated.settings = settings({ snapshots: [{ ...home, roots: ["/srv"], key: "srv" }] });
  simulated.daemon.reload();
  await simulated.clock.pass(HOUR);
  assert.deepEqual([simulated.watchers, simulated.runs.at(-1)!.taken.everything], [2, true]);
  assert.deepEqual(simulated.states.filter((state) => state === "RELOADING=1").length, 2);
  simulated.stop();
});

Deno.test("paths of which the links lead elsewhere are watched again and scanned", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  const [home] = atLeast(1, simulated.settings.snapshots);
  Object.assign(home, { haveMoved: () => true });
  const moved = { ...home, roots: ["/srv/2"], key: "srv", haveMoved: () => false };
  simulated.settings = settings({ snapshots: [moved] });
  await simulated.clock.pass(HOUR);
  assert.deepEqual([simulated.watchers, simulated.runs.at(-1)!.taken.everything], [2, true]);
  simulated.stop();
});

Deno.test("a configuration that is broken when it is reloaded changes nothing, and is said", async () => {
  const simulated = new Simulated().start();
  await simulated.clock.pass(10 * MINUTE);
  simulated.broken = new Error("line 3 is not YAML");
  simulated.daemon.reload();
  simulated.change("home", "/home/a");
  await simulated.clock.pass(HOUR);
  assert.match(
    simulated.lines.join("\n"),
    /reloading .*the configuration of before stays in effect.*: line 3 is not YAML/,
  );
  assert.deepEqual(simulated.minutes("home"), [0, 60]);
  simulated.stop();
});

Deno.test("reloading tries again to watch what could not be watched", async () => {
  const simulated = new Simulated().start();
  simulated.unwatched = ["/home"];
  await simulated.clock.pass(10 * MINUTE);
  simulated.daemon.reload();
  await simulated.clock.pass(MINUTE);
  assert.equal(simulated.watchers, 2);
  simulated.stop();
});
