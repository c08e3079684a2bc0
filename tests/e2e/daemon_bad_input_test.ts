import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { noMount, SmallDisk } from "../fixtures/small_disk.ts";
import { listTree } from "../fixtures/tree.ts";
import { assertLatestIs, RunningDaemon } from "./daemon.ts";
import { BINARY, hasProgram, isRoot, programWords, Scene, testWith } from "./vaultik.ts";

// What goes wrong around a daemon: none of it ends the daemon, and none loses a change.

const CALM = { backup_interval: "1d" };
const UNPRIVILEGED = 65534;

async function write(scene: Scene, name: string, text = name): Promise<void> {
  await Deno.mkdir(join(scene.tree, name, ".."), { recursive: true });
  await Deno.writeTextFile(join(scene.tree, name), text);
}

const LIMITED = 'echo 40 > /proc/sys/user/max_inotify_watches && exec "$@"';
const noNamespaces = hasProgram("unshare", "--user", "--map-root-user", "sh", "-c", LIMITED, "sh", "true")
  ? undefined
  : "user namespaces";

/** An executable that starts the program where few directories may be watched. */
async function limitedProgram(scene: Scene): Promise<string> {
  const words = ["unshare", "--user", "--map-root-user", "sh", "-c", LIMITED, "sh", ...programWords()];
  const path = scene.path("limited");
  const script = `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  return path;
}

testWith(
  noNamespaces,
  "too few watches: said once with the sysctl to set, and every run sees every change",
  async () => {
    await using scene = await Scene.open("file", CALM);
    for (let i = 0; i < 60; i++) await write(scene, `${i}/file`);
    await using daemon = await RunningDaemon.ready(scene, [], { binary: await limitedProgram(scene) });
    assert.match(daemon.output, /Cannot watch .*sysctl fs\.inotify\.max_user_watches=/);
    for (const text of ["one", "two"]) {
      for (let i = 0; i < 60; i += 7) await write(scene, `${i}/file`, text);
      await daemon.runNow();
      await assertLatestIs(scene, await listTree(scene.tree));
    }
    assert.equal(daemon.output.match(/Cannot watch/g)?.length, 1);
    assert.equal((await daemon.status()).watch?.unwatched.at(0)?.path, scene.tree);
  },
);

testWith(noNamespaces, "directories beyond the limit that are made later are no less safe", async () => {
  await using scene = await Scene.open("file", CALM);
  await write(scene, "file");
  await using daemon = await RunningDaemon.ready(scene, [], { binary: await limitedProgram(scene) });
  assert.doesNotMatch(daemon.output, /Cannot watch/);
  for (let i = 0; i < 60; i++) await write(scene, `${i}/file`);
  await daemon.runNow();
  await write(scene, "59/file", "changed");
  await daemon.runNow();
  await assertLatestIs(scene, await listTree(scene.tree));
});

testWith(noMount, "a watched disk that is unmounted and mounted again", async () => {
  await using scene = await Scene.open("file", CALM);
  await write(scene, "file");
  const disk = join(scene.tree, "disk");
  const mount = async () => {
    const disk = new SmallDisk(join(scene.tree, "disk"), 4);
    await write(scene, "disk/a/file");
    return disk;
  };
  {
    await using _mounted = await mount();
    await using daemon = await RunningDaemon.ready(scene);
    await assertLatestIs(scene, await listTree(scene.tree));
    await write(scene, "disk/a/file", "changed");
    await daemon.runNow();
    await assertLatestIs(scene, await listTree(scene.tree));
    await new Deno.Command("umount", { args: [disk] }).output();
    await daemon.runNow();
    await assertLatestIs(scene, await listTree(scene.tree));
    await Deno.remove(disk);
    await using _again = await mount();
    await daemon.runNow();
    await assertLatestIs(scene, await listTree(scene.tree));
    await write(scene, "disk/a/other", "seen by the new watches");
    await daemon.runNow();
    await assertLatestIs(scene, await listTree(scene.tree));
  }
});

testWith(noMount, "a full disk under the store: said, tried again, and nothing is lost", async () => {
  await using scene = await Scene.open("file", CALM);
  await using disk = new SmallDisk(scene.path("disk"), 2);
  await scene.configure({ ...CALM, storage_url: `file://${disk.directory}/store`, blob_size_limit: "4MiB" });
  await write(scene, "file");
  await using daemon = await RunningDaemon.ready(scene);
  await Deno.writeFile(join(scene.tree, "big"), randomBytes(6 << 20));
  assert.equal(await daemon.tryRunNow(), "failed");
  await daemon.says(/snapshot main: .*(space|full)/);
  disk.resize(64);
  await daemon.runNow();
  await assertLatestIs(scene, await listTree(scene.tree));
});

testWith(noMount, "a full disk under the index: said, tried again, and nothing is lost", async () => {
  await using scene = await Scene.open();
  await using disk = new SmallDisk(scene.path("disk"), 1);
  const store = { storage_url: `file://${scene.store}` };
  Object.assign(scene, { index: `${disk.directory}/index.sqlite` });
  await scene.configure({ ...CALM, ...store, index_path: scene.index });
  await write(scene, "file");
  await using daemon = await RunningDaemon.ready(scene);
  for (let i = 0; i < 9000; i++) Deno.writeTextFileSync(join(scene.tree, `${i}`), `${i}`);
  assert.equal(await daemon.tryRunNow(), "failed");
  await daemon.says(/snapshot main: .*(space|full)/);
  disk.resize(64);
  await daemon.runNow();
  await assertLatestIs(scene, await listTree(scene.tree));
});

const noOtherUser = !isRoot || BINARY === undefined ? "root, and an executable in VAULTIK_BINARY" : undefined;

testWith(noOtherUser, "permission lost on a subtree, and given back", async () => {
  await using scene = await Scene.open();
  await Deno.chmod(scene.directory, 0o777);
  const binary = scene.path("vaultik");
  await Deno.copyFile(BINARY!, binary);
  await Deno.chmod(binary, 0o755);
  const home = scene.path("home");
  await Deno.mkdir(home);
  Object.assign(scene, { index: `${home}/index.sqlite` });
  await scene.configure({
    ...CALM,
    storage_url: `file://${home}/store`,
    index_path: scene.index,
    guard: "off",
  });
  await write(scene, "a/secret/file");
  for (const path of [home, scene.config]) await Deno.chown(path, UNPRIVILEGED, UNPRIVILEGED);
  await using daemon = await RunningDaemon.ready(scene, [], {
    binary,
    uid: UNPRIVILEGED,
    env: { HOME: home },
  });
  const secret = join(scene.tree, "a/secret");
  await Deno.chmod(secret, 0o700);
  await write(scene, "a/secret/hidden");
  assert.equal(await daemon.tryRunNow(), "incomplete");
  assert.match(daemon.output, /could not read .*a\/secret: permission denied/);
  await write(scene, "other");
  assert.equal(await daemon.tryRunNow(), "incomplete");
  assert.equal(daemon.output.match(/INCOMPLETE/g)?.length, 2, "it is not forgotten that something lacks");
  await Deno.chmod(secret, 0o755);
  await daemon.runNow();
  await assertLatestIs(scene, await listTree(scene.tree));
  await write(scene, "a/secret/file", "changed");
  await daemon.runNow();
  await assertLatestIs(scene, await listTree(scene.tree));
});
