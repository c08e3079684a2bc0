import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { noMount, SmallDisk } from "../fixtures/small_disk.ts";
import { basename, join } from "node:path";
import { findVersitygw, startS3rver, startVersitygw } from "../fixtures/s3_server.ts";
import { listTree, makeTree } from "../fixtures/tree.ts";
import { assertFails, BINARY, finish, isRoot, Scene, start, testOfExecutable, vaultik } from "./vaultik.ts";
import { storeSettings, testWith } from "./vaultik.ts";

const UNPRIVILEGED = 65534;
const MIB = 1 << 20;
const versitygw = findVersitygw();

async function sceneWith(files: number, bytesEach: number): Promise<Scene> {
  const scene = await Scene.open("file", { chunk_size: "64KiB", blob_size_limit: "1MiB" });
  for (let number = 0; number < files; number++) {
    await Deno.writeFile(join(scene.tree, `file-${number}`), randomBytes(bytesEach));
  }
  return scene;
}

async function until(isTrue: () => boolean, limitMs = 20_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!isTrue()) {
    assert.ok(Date.now() < deadline, "waited too long");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("a broken configuration exits with 2 and one line", async (t) => {
  await using scene = await Scene.open();
  const sound = storeSettings("file", scene.store);
  const cases: [name: string, settings: Record<string, unknown>, said: RegExp][] = [
    ["unknown key", { ...sound, storage_urls: "x" }, /storage_urls/],
    ["no recipients", { ...sound, age_recipients: [] }, /age_recipients/],
    ["no store", {}, /storage_url/],
    ["a size that is none", { ...sound, blob_size_limit: "huge" }, /blob_size_limit/],
    ["no snapshots", { ...sound, snapshots: {} }, /snapshots/],
    ["a relative path", { ...sound, snapshots: { main: { paths: ["here"] } } }, /paths/],
  ];
  for (const [name, settings, said] of cases) {
    await t.step(name, async () => {
      await scene.configure(settings);
      assertFails(await scene.run("snapshot", "create"), 2, said);
    });
  }
  await Deno.writeTextFile(scene.config, "a: [unclosed");
  assertFails(await scene.run("snapshot", "create"), 2, /config\.yml/);
  await Deno.remove(scene.config);
  assertFails(await scene.run("snapshot", "create"), 2, /config\.yml/);
  assertFails(await scene.run("snapshot", "made-up"), 2, /made-up/);
});

Deno.test("an index that cannot be opened is said in one line, and nothing is stored", async () => {
  await using scene = await sceneWith(1, 100);
  await Deno.writeTextFile(scene.path("file"), "");
  await Deno.mkdir(scene.path("directory"));
  await Deno.mkdir(scene.store);
  for (const index of [scene.path("file/index.sqlite"), scene.path("directory")]) {
    await scene.configure({ ...storeSettings("file", scene.store), index_path: index });
    assertFails(await scene.run("snapshot", "create"), [1, 2], new RegExp(index));
    assert.equal(isThere(join(scene.store, "hosts")), false);
  }
});

Deno.test("a snapshot whose root is missing is not made, or is marked incomplete", async () => {
  await using scene = await sceneWith(1, 100);
  const missing = scene.path("not-there");
  await scene.configure({
    ...storeSettings("file", scene.store),
    snapshots: { main: { paths: [scene.tree, missing] } },
  });
  const result = await scene.run("snapshot", "create");
  assert.ok([2, 3, 4].includes(result.code), `exit code ${result.code}: ${result.stderr}`);
  assert.match(result.stderr, /not-there/);
});

Deno.test("a second run on the same index says that it is in use, and the first one ends well", async () => {
  await using scene = await sceneWith(24, MIB);
  const first = start(["--config", scene.config, "snapshot", "create"]);
  await until(() => isThere(join(scene.store, "hosts")) && isThere(join(scene.host, "blobs")));
  first.kill("SIGSTOP");
  const second = await scene.run("snapshot", "create");
  first.kill("SIGCONT");
  assertFails(second, 1, /in use|running|another/);
  const result = await finish(first);
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(await scene.restored("latest"), await listTree(scene.tree));
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} ends a backup with 130, without a snapshot, and the next run goes on from there`, async () => {
    await using scene = await sceneWith(40, MIB);
    const child = start(["--config", scene.config, "snapshot", "create"]);
    await until(() => isThere(join(scene.store, "hosts")) && isThere(join(scene.host, "blobs")));
    child.kill(signal);
    const result = await finish(child);
    assert.equal(result.code, 130, result.stderr);
    assert.match(result.stderr, /^vaultik: Interrupted.*\n$/m);
    assert.doesNotMatch(result.stderr, /\n {4}at /);
    assert.deepEqual(await scene.list(), []);
    await scene.ok("snapshot", "verify", await scene.create(), "--deep", "--identity", scene.key);
  });
}

testOfExecutable("a store that does not answer exits with 6", async () => {
  await using scene = await sceneWith(1, 100);
  const port = unusedPort();
  const keys = { access_key_id: "AKIDTEST", secret_access_key: "SECRETTEST" };
  await scene.configure({ s3: { endpoint: `http://127.0.0.1:${port}`, bucket: "bucket", ...keys } });
  assertFails(await scene.run("snapshot", "list"), 6, /bucket|127\.0\.0\.1/);
});

Deno.test("a bucket that does not exist and keys that are refused give one line", async () => {
  await using server = versitygw === undefined ? await startS3rver() : await startVersitygw(versitygw);
  await using scene = await sceneWith(1, 100);
  const { s3 } = storeSettings({ server, prefix: "some/prefix" }, scene.store) as {
    s3: Record<string, unknown>;
  };
  await scene.configure({ s3: { ...s3, bucket: "not-there" } });
  for (const command of ["list", "create"]) {
    assertFails(await scene.run("snapshot", command), [2, 4], /not-there/);
  }
  await scene.configure({ s3: { ...s3, access_key_id: "AKIDWRONG" } });
  for (const command of ["list", "create"]) {
    const result = await scene.run("snapshot", command);
    assertFails(result, 2, new RegExp(String(s3.bucket)));
    assert.ok(!result.stderr.includes(String(s3.secret_access_key)));
  }
});

function unusedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

testWith(
  noMount,
  "a full disk under the store: one line, no snapshot; with more space the backup goes on",
  async () => {
    await using scene = await sceneWith(12, MIB);
    await using disk = new SmallDisk(scene.path("disk"), 4);
    await scene.configure({
      ...storeSettings("file", join(disk.directory, "store")),
      blob_size_limit: "4MiB",
    });
    assertFails(await scene.run("snapshot", "create"), 1, /space|full/i);
    assert.deepEqual(await scene.list(), []);
    disk.resize(64);
    const id = await scene.create();
    await scene.ok("snapshot", "verify", id, "--deep", "--identity", scene.key);
  },
);

testWith(
  noMount,
  "a full disk under the index: one line, and with more space the backup goes on",
  async () => {
    await using scene = await Scene.open();
    await using disk = new SmallDisk(scene.path("disk"), 1);
    await makeTree(scene.tree, { smallFiles: 9000 });
    await scene.configure({
      ...storeSettings("file", scene.store),
      index_path: join(disk.directory, "index.sqlite"),
    });
    assertFails(await scene.run("snapshot", "create"), 1, /space|full/i);
    assert.deepEqual(await scene.list(), []);
    disk.resize(64);
    const lines = await listTree(scene.tree);
    assert.deepEqual(await scene.restored(await scene.create()), lines);
  },
);

testWith(
  noMount,
  "a full disk under the target of a restore: exit code 1, and the disk is named",
  async () => {
    await using scene = await sceneWith(12, MIB);
    await using disk = new SmallDisk(scene.path("disk"), 4);
    const id = await scene.create();
    const result = await scene.restore(id, join(disk.directory, "target"));
    assert.equal(result.code, 1, result.stderr);
    assert.match(result.stderr, /space|full/i);
    assert.doesNotMatch(result.stderr, /this is a bug/);
  },
);

const noOtherUser = !isRoot || Deno.build.os !== "linux"
  ? "root on Linux"
  : BINARY === undefined
  ? "an executable in VAULTIK_BINARY"
  : undefined;

/** The executable where a user without rights can start it. */
async function sharedBinary(scene: Scene): Promise<string> {
  await Deno.chmod(scene.directory, 0o755);
  const copy = scene.path(basename(BINARY!));
  await Deno.copyFile(BINARY!, copy);
  await Deno.chmod(copy, 0o755);
  return copy;
}

testWith(noOtherUser, "without root, an unreadable file is reported and the rest is backed up", async () => {
  await using scene = await Scene.open();
  const binary = await sharedBinary(scene);
  await makeTree(scene.tree, { smallFiles: 10, unreadable: true });
  await Deno.writeTextFile(join(scene.tree, "secret"), "secret", { mode: 0o600 });
  const home = scene.path("home");
  await Deno.mkdir(home);
  await scene.configure({ storage_url: `file://${home}/store`, index_path: `${home}/index.sqlite` });
  for (const path of [home, scene.config, scene.key]) await Deno.chown(path, UNPRIVILEGED, UNPRIVILEGED);
  const run = (...args: string[]) =>
    vaultik(["--config", scene.config, ...args], {
      uid: UNPRIVILEGED,
      binary,
      cwd: home,
      env: { HOME: home },
    });

  const strict = await run("snapshot", "create");
  assert.equal(strict.code, 3, strict.stderr);
  for (const name of ["secret", "file-0000", "dir-0000"]) assert.match(strict.stderr, new RegExp(name));
  assert.equal((await run("snapshot", "create", "--skip-errors")).code, 0);
  const verified = await run("snapshot", "verify", "latest", "--deep", "--identity", scene.key);
  assert.equal(verified.code, 0, verified.stderr);

  const restored = await run("restore", "latest", join(home, "restored"), "--identity", scene.key);
  assert.equal(restored.code, 3, `devices cannot be made, which is no damage:\n${restored.stderr}`);
  const lines = restored.stderr.trim().split("\n");
  assert.ok(lines.length < 12, `what cannot be set is said once, not for each file:\n${restored.stderr}`);
  for (const name of ["contents/random", "xattrs/read-only"]) {
    const path = join(scene.tree, name);
    const lost = lines.filter((line) => line.includes(name) && !line.startsWith("warning: could not set"));
    assert.deepEqual(lost, [], restored.stderr);
    assert.deepEqual(await Deno.readFile(join(home, "restored") + path), await Deno.readFile(path));
  }
});

testWith(noOtherUser, "without root, a directory that cannot be written gives one line", async () => {
  await using scene = await sceneWith(1, 100);
  const binary = await sharedBinary(scene);
  await Deno.chown(scene.config, UNPRIVILEGED, UNPRIVILEGED);
  const run = () =>
    vaultik(["--config", scene.config, "snapshot", "create"], {
      uid: UNPRIVILEGED,
      binary,
      env: { HOME: "/" },
    });
  assertFails(await run(), [1, 2], /store|index/);
  await Deno.mkdir(scene.store);
  await Deno.chown(scene.store, UNPRIVILEGED, UNPRIVILEGED);
  assertFails(await run(), [1, 2], /index\.sqlite/);
});
