import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { concatBytes } from "../../src/base/bytes.ts";
import { inDirectory, vaultik } from "./in_process.ts";
import { setUp } from "./looked_at.ts";

Deno.test("ls lists a directory, one file, everything below, or the newest snapshot of each source set", async () => {
  await inDirectory(async (directory) => {
    const { look } = await setUp(directory);
    const short = await look(["ls", `latest:${directory}/etc`]);
    assert.deepEqual([short.code, short.stdout], [0, "hosts\nssh/\n"], short.stderr);
    const long = await look(["ls", "-l", `latest:${directory}/etc`]);
    assert.match(long.stdout, /^-rw-r--r-- +\S+ +\S+ +20 B +\d{4}-\d\d-\d\d \d\d:\d\d +hosts\ndrwx/);
    for (const line of long.stdout.split("\n")) assert.ok(line.length <= 80, line);
    const one = await look(["ls", `latest:${directory}/etc/hosts`]);
    assert.equal(one.stdout, `${directory}/etc/hosts\n`);
    const all = await look(["ls", "-R", `latest:${directory}/etc`]);
    assert.equal(
      all.stdout,
      ["/", "/hosts", "/ssh/", "/ssh/sshd_config", ""].map((name, i) =>
        i === 4 ? "" : `${directory}/etc${name}`
      ).join("\n"),
    );
    const both = await look(["ls", "latest"]);
    assert.match(
      both.stdout,
      /^(system|home) \(\d{8}T\d{6}Z-\w{8}-\w{8}\):\n\S+\/\n(system|home) \(.*\):\n\S+\/\n$/,
    );
    const json = JSON.parse((await look(["ls", "--json", "-R", `latest:${directory}/etc`])).stdout);
    assert.deepEqual(json.map(({ path }: { path: string }) => path.slice(directory.length)), [
      "/etc",
      "/etc/hosts",
      "/etc/ssh",
      "/etc/ssh/sshd_config",
    ]);
    assert.deepEqual([json[1].kind, json[1].size, json[1].mode], ["file", 20, "0644"]);
    assert.match(json[1].modified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  });
});

Deno.test("names of a snapshot do nothing to a terminal", async () => {
  await inDirectory(async (directory) => {
    const { look } = await setUp(directory);
    for (const flags of [[], ["-l"], ["-R"]]) {
      const { stdout } = await look(["ls", ...flags, `latest:${directory}/home/me`]);
      assert.match(stdout, /\\x1b\[31mred\\x0aname\n$/);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(stdout, /\x1b/);
    }
  });
});

Deno.test("cat writes a file of any snapshot, and says what is none", async () => {
  await inDirectory(async (directory) => {
    const { look, write, backUp } = await setUp(directory);
    const large = "0123456789abcdef".repeat(200_000);
    await write("etc/large", large);
    await write("etc/hosts", "other\n");
    await Deno.symlink("hosts", `${directory}/etc/link`);
    await backUp();
    const cat = async (place: string) => {
      const bytes: Uint8Array[] = [];
      const ran = await look(["cat", place], bytes);
      return { ...ran, text: new TextDecoder().decode(concatBytes(bytes)) };
    };
    assert.equal((await cat(`latest:${directory}/etc/large`)).text, large);
    assert.equal((await cat(`latest:${directory}/etc/hosts`)).text, "other\n");
    assert.equal((await cat(`latest~1:${directory}/etc/hosts`)).text, "127.0.0.1 localhost\n");
    const link = await cat(`latest:${directory}/etc/link`);
    assert.deepEqual([link.code, link.text], [2, ""]);
    assert.match(link.stderr, /it is a link to "hosts"/);
    const missing = await cat(`latest:${directory}/etc/none`);
    assert.equal(missing.code, 4);
    assert.match(missing.stderr, /Cannot find ".*\/etc\/none": snapshot \S+ and \S+ does not have it/);
    assert.equal((await cat("latest:etc/hosts")).code, 2);
    assert.equal((await cat(`1 day ago:${directory}/etc/hosts`)).code, 4);
  });
});

Deno.test("dump writes an archive of a path, and none to a terminal", async () => {
  await inDirectory(async (directory) => {
    const { look, config, key } = await setUp(directory);
    const pieces: Uint8Array[] = [];
    const ran = await look(["dump", `latest:${directory}/etc`], pieces);
    assert.equal(ran.code, 0, ran.stderr);
    await Deno.writeFile(`${directory}/a.tar`, concatBytes(pieces));
    const { stdout } = await new Deno.Command("tar", { args: ["-tf", `${directory}/a.tar`] }).output();
    const names = ["etc/", "etc/hosts", "etc/ssh/", "etc/ssh/sshd_config"].map((name) =>
      `${directory}/${name}`.slice(1)
    );
    assert.deepEqual(new TextDecoder().decode(stdout).trim().split("\n"), names);
    const argv = ["--config", config, "dump", `latest:${directory}/etc`, "--identity", key];
    const shown = await vaultik(argv, { isTerminal: true });
    assert.deepEqual([shown.code, shown.stdout], [2, ""]);
    assert.equal((await look(["dump", `latest:${directory}/var`])).code, 4);
  });
});

Deno.test("stats names the files that a run stored, the largest first, and what only its snapshot has", async () => {
  await inDirectory(async (directory) => {
    const { look, write, backUp } = await setUp(directory);
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    await Deno.writeFile(`${directory}/etc/large`, random(50_000));
    await Deno.writeFile(`${directory}/etc/ssh/small`, random(4_000));
    await write("etc/again", "127.0.0.1 localhost\n");
    await backUp();
    const ran = await look(["stats", "latest", "--name", "system"]);
    assert.equal(ran.code, 0, ran.stderr);
    const lines = ran.stdout.replaceAll(directory, "").split("\n").map((line) =>
      line.trim().replace(/ +/g, " ")
    );
    assert.deepEqual(lines.slice(4, 7), ["NEW FILE", "48.8 KiB /etc/large", "3.91 KiB /etc/ssh/small"]);
    assert.deepEqual(lines.slice(8, 11), ["NEW FILES DIRECTORY", "48.8 KiB 1 /etc", "3.91 KiB 1 /etc/ssh"]);
    for (const line of ran.stdout.replaceAll(directory, "").split("\n")) assert.ok(line.length <= 80, line);
    const parse = async (id: string) =>
      JSON.parse((await look(["stats", id, "--name", "system", "--json"])).stdout);
    const [newest] = await parse("latest");
    assert.ok(newest.stored.bytes > 54_000 && newest.stored.bytes < 70_000, JSON.stringify(newest.stored));
    assert.deepEqual(newest.unique, newest.stored);
    await Deno.remove(`${directory}/etc/large`);
    await backUp();
    const [before] = await parse("latest~1");
    assert.ok(before.unique.bytes < before.stored.bytes);
    const [after] = await parse("latest");
    assert.deepEqual(after.files, []);
    assert.equal(JSON.parse((await look(["stats", "--json"])).stdout).length, 2);
  });
});

Deno.test("export writes what a snapshot lists to a database, and never over a file", async () => {
  await inDirectory(async (directory) => {
    const { look } = await setUp(directory);
    const file = `${directory}/files.sqlite`;
    const ran = await look(["export", "latest", file, "--name", "system"]);
    assert.equal(ran.code, 0, ran.stderr);
    {
      using database = new DatabaseSync(file);
      const rows = database.prepare("select name, kind, mode, size from entries where directory = ?").all(
        `${directory}/etc`,
      );
      assert.deepEqual(rows.map(({ name, kind, size }) => [name, kind, size]), [
        ["hosts", "file", 20],
        ["ssh", "directory", null],
      ]);
      assert.equal(database.prepare("select value from snapshot where name = 'name'").get()!.value, "system");
    }
    assert.equal((await look(["export", "latest", file, "--name", "system"])).code, 2);
  });
});
