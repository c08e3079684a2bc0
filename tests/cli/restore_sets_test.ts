import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { inDirectory } from "./in_process.ts";
import { setUp } from "./looked_at.ts";

Deno.test("restore latest restores the newest of each source set, a path of those that have it", async () => {
  await inDirectory(async (directory) => {
    const { look, write, backUp } = await setUp(directory);
    const target = `${directory}/restored`;
    const all = await look(["restore", "latest", target]);
    assert.equal(all.code, 0, all.stderr);
    assert.equal(all.stdout.match(/^Restored /gm)?.length, 2, all.stdout);
    assert.equal(await Deno.readTextFile(`${target}${directory}/etc/hosts`), "127.0.0.1 localhost\n");
    assert.equal(await Deno.readTextFile(`${target}${directory}/home/me/\x1b[31mred\nname`), "evil");
    assert.deepEqual([...Deno.readDirSync(target)].map(({ name }) => name), ["tmp"]);
    const some = await look(["restore", "latest", `${directory}/some`, `${directory}/etc/hosts`]);
    assert.equal(some.code, 0, some.stderr);
    assert.equal(some.stdout.match(/^Restored /gm)?.length, 1, some.stdout);
    const each = await look([
      "restore",
      "latest",
      `${directory}/each`,
      `${directory}/etc`,
      `${directory}/home`,
    ]);
    assert.equal(each.stdout.match(/^Restored /gm)?.length, 2, each.stdout + each.stderr);
    const none = await look(["restore", "latest", `${directory}/none`, `${directory}/var`]);
    assert.equal(none.code, 4);
    assert.match(none.stderr, /neither \S+ nor \S+ has it\n$/);
    await write("home/me/müller", "ü");
    await backUp();
    const umlaut = await look(["restore", "latest", `${directory}/ü`, `${directory}/home/me/müller`]);
    assert.equal(umlaut.code, 0, umlaut.stderr);
    assert.equal(await Deno.readTextFile(`${directory}/ü${directory}/home/me/müller`), "ü");
    const named = await look(["restore", "latest", `${directory}/home2`, "--name", "home"]);
    assert.equal(named.code, 0, named.stderr);
  });
});

Deno.test("several source sets are restored over what is there, and --delete deletes what none of them has", async () => {
  await inDirectory(async (directory) => {
    const { look } = await setUp(directory);
    const target = `${directory}/restored`;
    const restore = (...more: string[]) => look(["restore", "latest", target, ...more]);
    assert.equal((await restore()).code, 0);
    await Deno.writeTextFile(`${target}${directory}/etc/hosts`, "other\n");
    await Deno.writeTextFile(`${target}${directory}/etc/extra`, "extra");
    await Deno.writeTextFile(`${target}/stray`, "stray");
    const refused = await restore();
    assert.match(refused.stderr, /it is not empty/);
    const plan = await restore("--overwrite", "if-changed", "--delete", "--dry-run");
    const changes = plan.stdout.split("\n").filter((line) => /^ {2}[-+MR] \//.test(line));
    assert.deepEqual(changes.map((line) => line.replace(directory, "").trim()).sort(), [
      "- /etc/extra",
      "- /stray",
      "M /etc/hosts",
    ], plan.stdout);
    const done = await restore("--overwrite", "if-changed", "--delete", "--force");
    assert.equal(done.code, 0, done.stderr);
    assert.equal(await Deno.readTextFile(`${target}${directory}/etc/hosts`), "127.0.0.1 localhost\n");
    assert.deepEqual([...Deno.readDirSync(target)].map(({ name }) => name), ["tmp"]);
  });
});

Deno.test("a dry run ends as the restore would where something cannot be replaced", async () => {
  await inDirectory(async (directory) => {
    const { look } = await setUp(directory);
    const target = `${directory}/restored`;
    await Deno.mkdir(`${target}${directory}/etc/hosts/inner`, { recursive: true });
    for (const flags of [["--dry-run"], []]) {
      const { code, stderr } = await look(["restore", "latest", target, "--overwrite", "always", ...flags]);
      assert.equal(code, 3, stderr);
      assert.match(stderr, /ERROR: 1 file could not be (looked at|written) here:?\n.*etc\/hosts/);
    }
  });
});

Deno.test("source sets that have backed up the same are not restored together", async () => {
  await inDirectory(async (directory) => {
    const { look, config, backUp } = await setUp(directory);
    const text = await Deno.readTextFile(config);
    await Deno.writeTextFile(config, `${text}  ssh: {paths: ["${directory}/etc/ssh"]}\n`);
    await backUp();
    const all = await look(["restore", "latest", `${directory}/all`]);
    assert.equal(all.code, 2);
    assert.match(
      all.stderr,
      /(system|ssh) \(\S+\) and (system|ssh) \(\S+\): each has "\S+\/etc\/ssh"; --name/,
    );
    const apart = await look(["restore", "latest", `${directory}/apart`, `${directory}/home`]);
    assert.equal(apart.code, 0, apart.stderr);
  });
});
