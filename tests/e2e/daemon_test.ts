import assert from "node:assert/strict";
import { join } from "node:path";
import { isPortable, listTree, makeTree } from "../fixtures/tree.ts";
import { assertLatestIs, RunningDaemon } from "./daemon.ts";
import { assertFails, Scene } from "./vaultik.ts";

/** Nothing runs by schedule while a test lasts. */
const CALM = { backup_interval: "1d" };

async function write(scene: Scene, name: string, text = name): Promise<void> {
  await Deno.mkdir(join(scene.tree, name, ".."), { recursive: true });
  await Deno.writeTextFile(join(scene.tree, name), text);
}

for (const watcher of ["inotify", "deno"]) {
  Deno.test(`${watcher}: a daemon makes a first backup, then ones of what changed, and stops when it is asked to`, async () => {
    await using scene = await Scene.open("file", { ...CALM, watcher });
    await makeTree(scene.tree, { smallFiles: 50 });
    await using daemon = await RunningDaemon.ready(scene, ["--skip-errors"]);
    for (const line of ["Daemon mode started", "Running initial backup...", "Backup complete in "]) {
      assert.ok(daemon.output.includes(line), daemon.output);
    }
    await assertLatestIs(scene, await listTree(scene.tree));
    await write(scene, "new/deep/file");
    await Deno.chmod(join(scene.tree, "contents"), 0o711);
    await daemon.runNow();
    await assertLatestIs(scene, await listTree(scene.tree));
    assert.equal((await scene.list()).length, 2);
    const status = await daemon.status();
    assert.deepEqual([status.state, status.pid, status.lastRun?.outcome], [
      "waiting",
      daemon.child.pid,
      "complete",
    ]);
    assert.equal((await daemon.stop()).code, 0);
    assert.throws(() => Deno.lstatSync(`${scene.index}.sock`), Deno.errors.NotFound);
  });
}

Deno.test("SIGUSR2 starts a run; SIGINT lets it finish", async () => {
  await using scene = await Scene.open("file", CALM);
  await write(scene, "file");
  await using daemon = await RunningDaemon.ready(scene);
  await write(scene, "other");
  daemon.child.kill("SIGUSR2");
  await daemon.says(/Running backup on request/);
  const { code, stdout } = await daemon.stop("SIGINT");
  assert.equal(code, 0, stdout);
  assert.equal((await scene.list()).length, 2);
  await assertLatestIs(scene, await listTree(scene.tree));
});

Deno.test("commands ask the daemon; without one they say so", async () => {
  await using scene = await Scene.open("file", CALM);
  assertFails(await scene.run("daemon", "status"), 4, /none is running/);
  assertFails(await scene.run("daemon", "run-now"), 4, /none is running/);
  await write(scene, "file");
  await using daemon = await RunningDaemon.ready(scene);
  const { mode } = await Deno.stat(`${scene.index}.sock`);
  assert.equal(mode! & 0o777, 0o600);
  await write(scene, "other");
  await scene.ok("daemon", "run-now", "--wait");
  assert.equal((await scene.list()).length, 2);
  const text = await scene.ok("daemon", "status");
  for (const word of [scene.tree, String(daemon.child.pid), "snapshot main", "next full scan"]) {
    assert.ok(text.includes(word), text);
  }
  const status = JSON.parse(await scene.ok("daemon", "status", "--json"));
  // Deno's own watcher does not count them.
  assert.equal(status.watch.directories, isPortable ? 0 : 1);
  assert.equal(status.snapshots[0].name, "main");
});

Deno.test("a second daemon on the same index says so and ends; the first one goes on", async () => {
  await using scene = await Scene.open("file", CALM);
  await write(scene, "file");
  await using daemon = await RunningDaemon.ready(scene);
  assertFails(await scene.run("snapshot", "create", "--daemon"), 1, /another one is running on index/);
  await daemon.runNow();
});

Deno.test("what a killed daemon left behind is no obstacle, and what changed meanwhile is backed up", async () => {
  await using scene = await Scene.open("file", CALM);
  await write(scene, "file");
  await using killed = await RunningDaemon.ready(scene);
  await killed.stop("SIGKILL");
  assert.ok(Deno.lstatSync(`${scene.index}.sock`).isSocket);
  await write(scene, "later/file");
  await using _daemon = await RunningDaemon.ready(scene);
  await assertLatestIs(scene, await listTree(scene.tree));
});

Deno.test("SIGHUP: a broken configuration changes nothing and is said; a good one is taken", async () => {
  await using scene = await Scene.open("file", CALM);
  await write(scene, "file");
  await using daemon = await RunningDaemon.ready(scene);
  const good = await Deno.readTextFile(scene.config);
  await Deno.writeTextFile(scene.config, "snapshots: [");
  daemon.child.kill("SIGHUP");
  await daemon.says(/reloading .*the configuration of before stays in effect.*not YAML/);
  await write(scene, "other");
  await daemon.runNow();
  const more = scene.path("more");
  await Deno.mkdir(more);
  const config = JSON.parse(good);
  config.snapshots.main.paths.push(more);
  await Deno.writeTextFile(scene.config, JSON.stringify(config));
  await assertLatestIs(scene, await listTree(scene.tree));
  daemon.child.kill("SIGHUP");
  await daemon.says(/Configuration reloaded/);
  assert.deepEqual(
    (await daemon.status()).watch?.roots.map(({ path }) => path).toSorted(),
    [more, scene.tree].toSorted(),
  );
});

Deno.test("a store that is away does not end the daemon, and no change is lost", async () => {
  await using scene = await Scene.open("file", CALM);
  await write(scene, "file");
  await using daemon = await RunningDaemon.ready(scene);
  await Deno.rename(scene.store, `${scene.store}.away`);
  await write(scene, "a/b/file");
  assert.equal(await daemon.tryRunNow(), "failed");
  await daemon.says(/snapshot main: Cannot [\s\S]*tried again at/);
  await write(scene, "c/file");
  assert.ok((await daemon.status()).snapshots[0]!.hasFailed);
  await Deno.rename(`${scene.store}.away`, scene.store);
  await daemon.runNow();
  await assertLatestIs(scene, await listTree(scene.tree));
});

Deno.test("a store that is away at the start does not end the daemon either", async () => {
  await using scene = await Scene.open("file", CALM);
  await write(scene, "file");
  await Deno.writeTextFile(scene.store, "in the way");
  await using daemon = await RunningDaemon.ready(scene);
  assert.match(daemon.output, /snapshot main: Cannot /);
  await Deno.remove(scene.store);
  await daemon.runNow();
  await assertLatestIs(scene, await listTree(scene.tree));
});

Deno.test("with --cron nothing is printed unless something is wrong; with --json every line is JSON", async () => {
  await using scene = await Scene.open("file", CALM);
  await write(scene, "file");
  await using quiet = new RunningDaemon(scene, ["--cron"]);
  while ((await scene.run("snapshot", "list")).stdout.length < 100);
  assert.equal((await quiet.stop()).stdout, "");
  await using daemon = new RunningDaemon(scene, ["--json"]);
  await daemon.says(/Watching for changes/);
  const { stdout } = await daemon.stop();
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines.some(({ event, text }) => event === "daemon" && text === "Running initial backup..."));
  assert.ok(
    lines.some(({ id, name }) => /^\d{8}T\d{6}Z-[a-z2-7]{8}-[0-9a-f]{8}$/.test(id) && name === "main"),
  );
});

Deno.test("a second signal stops at once, and all is sound", async () => {
  await using scene = await Scene.open("file", CALM);
  for (let i = 0; i < 300; i++) await write(scene, `${i}`, crypto.randomUUID().repeat(3000));
  await using daemon = new RunningDaemon(scene);
  await daemon.says(/Running initial backup/);
  daemon.child.kill("SIGTERM");
  daemon.child.kill("SIGTERM");
  const { code } = await daemon.ended();
  assert.ok(code === 130 || code === 0, `exit code ${code}`);
  await scene.create();
  await assertLatestIs(scene, await listTree(scene.tree));
});

Deno.test("with --prune each run is followed by retention and a prune", async () => {
  await using scene = await Scene.open("file", { ...CALM, retention: { keep_last: 2 } });
  await write(scene, "file");
  await using daemon = await RunningDaemon.ready(scene, ["--prune"]);
  for (const name of ["a", "b", "c"]) {
    await write(scene, name);
    await daemon.runNow();
  }
  await daemon.says(/Watching for changes/, 3);
  assert.equal((await scene.list()).length, 2, daemon.output);
  await assertLatestIs(scene, await listTree(scene.tree));
});
