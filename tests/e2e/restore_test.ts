import assert from "node:assert/strict";
import { join } from "node:path";
import { listTree, makeTree } from "../fixtures/tree.ts";
import { assertFails, Scene, vaultik } from "./vaultik.ts";

async function smallScene(): Promise<Scene> {
  const scene = await Scene.open();
  await makeTree(scene.tree, { smallFiles: 10 });
  return scene;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

Deno.test("restore brings back the named paths and nothing else", async () => {
  await using scene = await smallScene();
  const id = await scene.create();
  const [file, directory, target] = [
    join(scene.tree, "links/sub/two"),
    join(scene.tree, "many"),
    scene.path("r"),
  ];
  const result = await scene.restore(id, target, file, directory);
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(await listTree(target + directory), await listTree(directory));
  assert.deepEqual(await Deno.readFile(target + file), await Deno.readFile(file));
  const names = [...Deno.readDirSync(target + scene.tree)].map(({ name }) => name).sort();
  assert.deepEqual(names, ["links", "many"]);
});

Deno.test("restore of a path that the snapshot does not have exits with 4 and makes nothing", async () => {
  await using scene = await smallScene();
  const id = await scene.create();
  const missing = join(scene.tree, "nothing");
  assertFails(await scene.restore(id, scene.path("r"), missing), 4, /nothing/);
  assert.equal(await exists(scene.path("r") + scene.tree), false);
});

Deno.test("restore refuses a target that is not empty, and leaves it alone", async () => {
  await using scene = await smallScene();
  const id = await scene.create();
  const target = scene.path("r");
  await Deno.mkdir(target);
  await Deno.writeTextFile(join(target, "mine"), "mine");
  assertFails(await scene.restore(id, target), [1, 2], /not empty/);
  assert.deepEqual([...Deno.readDirSync(target)].map(({ name }) => name), ["mine"]);
});

Deno.test("restore refuses a target that is a file", async () => {
  await using scene = await smallScene();
  const id = await scene.create();
  await Deno.writeTextFile(scene.path("r"), "mine");
  assertFails(await scene.restore(id, scene.path("r")), [1, 2], /into ".*r"/);
  assert.equal(await Deno.readTextFile(scene.path("r")), "mine");
});

Deno.test("restore and verify --deep with a wrong, missing or malformed identity exit with 2", async () => {
  await using scene = await smallScene();
  await using other = await Scene.open();
  const id = await scene.create();
  const malformed = scene.path("malformed.txt");
  await Deno.writeTextFile(malformed, scene.identity.slice(0, -5) + "QQQQQ\n");
  const target = scene.path("r");
  for (const command of [["restore", id, target], ["snapshot", "verify", id, "--deep"]]) {
    assertFails(await scene.run(...command), 2, /no identity/);
    assertFails(await scene.run(...command, "--identity", other.key), 2, /another key/);
    assertFails(await scene.run(...command, "--identity", scene.path("none")), 2, /no such file/);
    const result = await scene.run(...command, "--identity", malformed);
    assertFails(result, 2, /malformed\.txt/);
    assert.doesNotMatch(result.stderr, /AGE-SECRET-KEY-1[A-Z0-9]/i);
  }
  assert.equal(await exists(target), false);
});

Deno.test("an id that matches nothing exits with 4, one that matches two with 2, a unique beginning is enough", async () => {
  await using scene = await smallScene();
  const first = await scene.create();
  const second = await scene.create();
  const common = first.slice(0, "20250102T".length);
  for (const command of [["snapshot", "verify"], ["restore"]]) {
    const rest = command[0] === "restore" ? [scene.path("r"), "--identity", scene.key] : [];
    assertFails(await scene.run(...command, "20000102T", ...rest), 4, /20000102T/);
    const two = await scene.run(...command, common, ...rest);
    // Of one second, they are listed in no order that means anything.
    assertFails(two, 2, new RegExp(`(?=.*${first}).*${second}`));
  }
  for (const id of [first, second]) await scene.ok("snapshot", "verify", id.slice(0, -2));
});

Deno.test("a store without snapshots: list is empty, latest exits with 4", async () => {
  await using scene = await smallScene();
  await Deno.mkdir(scene.store);
  assert.deepEqual(await scene.list(), []);
  assertFails(await scene.restore("latest", scene.path("r")), 4, /none/);
});

Deno.test("a store that does not exist is not taken for an empty one", async () => {
  await using scene = await smallScene();
  const result = await scene.run("snapshot", "list", "--json");
  assertFails(result, [2, 4], /no such directory/);
  assert.equal(result.stdout, "");
});

Deno.test("restore by a path that is not absolute exits with 2", async () => {
  await using scene = await smallScene();
  const id = await scene.create();
  assertFails(await scene.restore(id, scene.path("r"), "relative/path"), 2, /relative/);
});

Deno.test("no command repeats a secret key that was given by mistake", async () => {
  await using scene = await smallScene();
  const recipient = scene.identity;
  await scene.configure({ age_recipients: [recipient], storage_url: `file://${scene.store}` });
  for (const args of [["snapshot", "create"], ["info"]]) {
    const result = await scene.run(...args);
    assertFails(result, 2, /age_recipients/);
    assert.ok(!(result.stdout + result.stderr).includes(recipient.slice(0, 30)));
  }
  const init = await vaultik(["--config", scene.path("c.yml"), "init", "--recipient", recipient]);
  assertFails(init, 2, /secret/);
  assert.ok(!(init.stdout + init.stderr).includes(recipient.slice(0, 30)));
  assert.equal(await exists(scene.path("c.yml")), false);
});

Deno.test("restore --in-place --delete puts a directory back as it was, after showing what it deletes", async () => {
  await using scene = await smallScene();
  const id = await scene.create();
  const before = await listTree(join(scene.tree, "many"));
  const many = join(scene.tree, "many");
  await Deno.writeTextFile(join(many, "extra"), "extra");
  const words = ["restore", id, "--in-place", many, "--identity", scene.key, "--delete"];
  assertFails(await scene.run(...words), 2, /--overwrite/);
  words.push("--overwrite", "if-changed");
  assertFails(await scene.run(...words), 2, /--force/);
  assert.match(await scene.ok(...words, "--dry-run"), /- .*many\/extra/);
  assert.ok(await exists(join(many, "extra")));
  await scene.ok(...words, "--force");
  assert.deepEqual(await listTree(many), before);
});
