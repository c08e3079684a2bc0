import assert from "node:assert/strict";
import { join } from "node:path";
import { atLeast } from "../../src/base/at_least.ts";
import { findVersitygw, type S3Server, startS3rver, startVersitygw } from "../fixtures/s3_server.ts";
import { listTree, makeTree, removeTree } from "../fixtures/tree.ts";
import { Scene, type SceneStore, testWith, vaultik } from "./vaultik.ts";

const versitygw = findVersitygw();
const STORES: { name: string; missing?: string; open: () => Promise<S3Server | undefined> }[] = [
  { name: "a file store", open: () => Promise.resolve(undefined) },
  { name: "s3rver", open: startS3rver },
  {
    name: "versitygw",
    missing: versitygw === undefined ? "versitygw" : undefined,
    open: () => startVersitygw(versitygw!),
  },
];

for (const { name, missing, open } of STORES) {
  testWith(missing, `what is backed up to ${name} comes back as it was, also after changes`, async () => {
    await using server = await open();
    const store: SceneStore = server === undefined ? "file" : { server, prefix: "some/prefix" };
    await using scene = await Scene.open(store, {
      chunk_size: "64KiB",
      blob_size_limit: "1MiB",
      guard: "off",
    });
    await makeTree(scene.tree, { bigFile: 9_000_000 });
    const before = await listTree(scene.tree);
    const first = await scene.create();
    await checkListed(scene, first);
    await checkRestored(scene, first, before);

    await changeTree(scene.tree);
    const after = await listTree(scene.tree);
    const second = await scene.create();
    await checkRestored(scene, second, after);
    await checkRestored(scene, first, before);
    assert.deepEqual((await scene.list()).map(({ id }) => id), [first, second]);
  });
}

async function checkListed(scene: Scene, id: string): Promise<void> {
  const [listed, ...others] = atLeast(1, await scene.list());
  assert.deepEqual(others, []);
  assert.equal(listed.id, id);
  assert.equal(listed.hostname, "host");
  assert.equal(listed.name, "main");
  assert.ok(Date.parse(listed.started_at) <= Date.parse(listed.finished_at));
  assert.ok(listed.files > 300 && listed.bytes > 9_000_000);
}

async function checkRestored(scene: Scene, id: string, lines: string[]): Promise<void> {
  await scene.ok("snapshot", "verify", id);
  await scene.ok("snapshot", "verify", id, "--deep", "--identity", scene.key);
  assert.deepEqual(await scene.restored(id), lines);
}

async function changeTree(tree: string): Promise<void> {
  await Deno.writeTextFile(join(tree, "contents/big"), "appended", { append: true });
  using file = await Deno.open(join(tree, "contents/big"), { write: true });
  await file.seek(4_000_000, Deno.SeekMode.Start);
  await file.write(new TextEncoder().encode("changed in place"));
  await removeTree(join(tree, "many"));
  await Deno.rename(join(tree, "deep"), join(tree, "moved"));
  await Deno.chmod(join(tree, "contents"), 0o750);
  await Deno.writeTextFile(join(tree, "empty-directory/new"), "");
  await Deno.symlink("elsewhere", join(tree, "links/new"));
}

Deno.test("init, create, list, verify and restore work as the help says", async () => {
  await using scene = await Scene.open();
  await Deno.writeTextFile(join(scene.tree, "file"), "contents");
  const [config, key] = [scene.path("new/config.yml"), scene.path("new-key.txt")];
  const init = ["init", "--keygen", "--identity-out", key, "--storage-url", `file://${scene.store}`];
  const made = await vaultik(["--config", config, ...init, "--path", scene.tree]);
  assert.equal(made.code, 0, made.stderr);
  const text = await Deno.readTextFile(config);
  assert.match(text, /age1/);
  assert.doesNotMatch(text + made.stdout + made.stderr, /AGE-SECRET-KEY-1[0-9A-Z]/);
  await Deno.writeTextFile(config, `index_path: ${scene.index}\n`, { append: true });
  const env = { VAULTIK_CONFIG: config, VAULTIK_AGE_SECRET_KEY: await Deno.readTextFile(key) };
  for (
    const args of [
      ["snapshot", "create", "--cron"],
      ["snapshot", "list"],
      ["snapshot", "verify", "latest", "--deep"],
      ["restore", "latest", scene.path("restored")],
      ["info"],
      ["store", "info"],
      ["version"],
    ]
  ) {
    const result = await vaultik(args, { env });
    assert.equal(result.code, 0, `${args}: ${result.stderr}`);
    if (args.includes("--cron")) assert.equal(result.stdout + result.stderr, "");
  }
  assert.deepEqual(await listTree(scene.path("restored") + scene.tree), await listTree(scene.tree));
});

Deno.test("a snapshot can be restored with the store's URL and the key alone", async () => {
  await using scene = await Scene.open();
  await Deno.writeTextFile(join(scene.tree, "file"), "contents");
  const id = await scene.create();
  const target = scene.path("restored");
  const result = await vaultik(
    ["restore", id, target, "--storage-url", `file://${scene.store}`, "--identity", scene.key],
  );
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(await listTree(target + scene.tree), await listTree(scene.tree));
});

Deno.test("a backup of a lost index reads everything again and loses nothing", async () => {
  await using scene = await Scene.open();
  await makeTree(scene.tree, { smallFiles: 10 });
  const first = await scene.create();
  await Deno.remove(scene.index);
  const second = await scene.create();
  const lines = await listTree(scene.tree);
  assert.deepEqual(await scene.restored(first), lines);
  assert.deepEqual(await scene.restored(second), lines);
});
