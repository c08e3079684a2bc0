import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { concatBytes } from "../../src/base/bytes.ts";
import { inDirectory, vaultik } from "./in_process.ts";

/** A machine with two source sets; `look` runs a command with its key. */
async function setUp(directory: string) {
  const [config, key] = [`${directory}/c.yml`, `${directory}/key.txt`];
  const keygen = ["--keygen", "--identity-out", key];
  const url = `file://${directory}/store`;
  const made = await vaultik([
    "--config",
    config,
    "init",
    ...keygen,
    "--storage-url",
    url,
    "--path",
    "/nowhere",
  ]);
  assert.equal(made.code, 0, made.stderr);
  const text = (await Deno.readTextFile(config)).replace(/^snapshots:[\s\S]*?(?=^\S|$(?![\s\S]))/m, "");
  await Deno.writeTextFile(
    config,
    `${text}\nindex_path: ${directory}/state/index.sqlite\nhostname: web1\nsnapshots:\n` +
      `  system: {paths: ["${directory}/etc"]}\n  home: {paths: ["${directory}/home"]}\n`,
  );
  const write = async (name: string, contents: string) => {
    await Deno.mkdir(`${directory}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${directory}/${name}`, contents);
  };
  // Ids have the second in which a snapshot was begun: two of one second are in no order.
  const backUp = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000 - Date.now() % 1000));
    const ran = await vaultik(["--config", config, "snapshot", "create"]);
    assert.equal(ran.code, 0, ran.stderr);
  };
  const look = (argv: string[], bytes?: Uint8Array[]) =>
    vaultik(["--config", config, ...argv, "--identity", key], { bytes });
  await write("etc/hosts", "127.0.0.1 localhost\n");
  await write("etc/ssh/sshd_config", "Port 22\n");
  await write("home/me/\x1b[31mred\nname", "evil");
  await backUp();
  return { directory, config, key, url, write, backUp, look };
}

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
      /^(system|home) \(\d{8}T\d{6}Z-\w{8}\):\n\S+\/\n(system|home) \(.*\):\n\S+\/\n$/,
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

Deno.test("find --content-hash finds files by the SHA-256 of their contents, of one chunk and of many", async () => {
  await inDirectory(async (directory) => {
    const { look, backUp } = await setUp(directory);
    const large = new Uint8Array(9_000_000).map((_, i) => (i * i * 31) >> 9);
    await Deno.writeFile(`${directory}/etc/large`, large);
    await Deno.writeFile(`${directory}/home/copy`, large);
    await Deno.writeTextFile(`${directory}/etc/empty`, "");
    await backUp();
    const found = async (bytes: Uint8Array, ...more: string[]) => {
      const hash = createHash("sha256").update(bytes).digest("hex").toUpperCase();
      const { code, stdout } = await look(["find", "*", "--content-hash", hash, "--json", ...more]);
      return code === 4
        ? []
        : JSON.parse(stdout).map(({ path }: { path: string }) => path.slice(directory.length)).sort();
    };
    assert.deepEqual(await found(large, "--size", "1MiB"), ["/etc/large", "/home/copy"]);
    assert.deepEqual(await found(new TextEncoder().encode("Port 22\n")), ["/etc/ssh/sshd_config"]);
    assert.deepEqual(await found(new Uint8Array(0)), ["/etc/empty"]);
    assert.deepEqual(await found(new Uint8Array(1)), []);
    assert.equal((await look(["find", "*", "--content-hash", "ab"])).code, 2);
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

Deno.test("diff shows what was added, is gone and has changed, and by how much; --stat by directory", async () => {
  await inDirectory(async (directory) => {
    const { look, write, backUp } = await setUp(directory);
    await write("etc/hosts", "127.0.0.1 localhost\n::1 localhost\n");
    await write("etc/new/conf", "x".repeat(3000));
    await Deno.chmod(`${directory}/etc/ssh/sshd_config`, 0o600);
    await backUp();
    await Deno.remove(`${directory}/etc/new/conf`);
    await write("etc/same", "same");
    await Deno.utime(`${directory}/etc/hosts`, 1, 1);
    const between = await look(["diff", "latest~1", "latest", "--name", "system"]);
    assert.equal(between.code, 0, between.stderr);
    assert.equal(
      between.stdout.replaceAll(directory, ""),
      "M      +14 B  /etc/hosts  (contents, time)\n" +
        "+             /etc/new/\n" +
        "+  +2.93 KiB  /etc/new/conf\n" +
        "M             /etc/ssh/sshd_config  (mode)\n" +
        "2 added, 0 gone, 2 changed; +2.94 KiB\n",
    );
    const disk = await look(["diff", `latest:${directory}/etc`]);
    assert.equal(disk.code, 0, disk.stderr);
    assert.equal(
      disk.stdout.replaceAll(directory, ""),
      "M             /etc/hosts  (time)\n" +
        "-  -2.93 KiB  /etc/new/conf\n" +
        "+       +4 B  /etc/same\n" +
        "1 added, 1 gone, 1 changed; -2.93 KiB\n",
    );
    const stat = await look(["diff", "latest~1", "latest", "--name", "system", "--stat"]);
    assert.deepEqual(stat.stdout.replaceAll(directory, "").split("\n").map((line) => line.trim()), [
      "SIZE  ADDED  GONE  CHANGED  DIRECTORY",
      "+2.93 KiB      1                 /etc/new",
      "+14 B      1              1  /etc",
      "1  /etc/ssh",
      "2 added, 0 gone, 2 changed; +2.94 KiB",
      "",
    ]);
    const json = JSON.parse((await look(["diff", `latest:${directory}/etc`, "--json"])).stdout);
    assert.deepEqual(json.map(({ change, growth }: Record<string, unknown>) => [change, growth]), [
      ["changed", 0],
      ["gone", -3000],
      ["added", 4],
    ]);
    const same = await look(["diff", "latest", "latest", "--name", "home"]);
    assert.equal(same.stdout, "Nothing is different\n");
  });
});

Deno.test("a file that was deleted yesterday is found, compared and given back in three commands", async () => {
  await inDirectory(async (directory) => {
    const { look, write, backUp } = await setUp(directory);
    await write("etc/report.txt", "first\n");
    await backUp();
    await write("etc/report.txt", "second, longer\n");
    await backUp();
    await backUp();
    await Deno.remove(`${directory}/etc/report.txt`);
    await backUp();
    const found = await look(["find", "report*", "--name", "system"]);
    assert.equal(found.code, 0, found.stderr);
    const [path, first, second, ...rest] = found.stdout.split("\n");
    assert.deepEqual([path, rest], [`${directory}/etc/report.txt`, [""]]);
    assert.match(first, /^ {2}\d{4}-\d\d-\d\d \d\d:\d\d +6 B +\d{8}T\d{6}Z +1$/);
    assert.match(second, / +15 B +(\d{8}T\d{6}Z) +\.\. (\d{8}T\d{6}Z) +2$/);
    for (const line of [first, second]) assert.ok(line.length <= 80, line);
    const json = JSON.parse((await look(["history", `${directory}/etc/report.txt`, "--json"])).stdout);
    assert.deepEqual(
      json.map(({ size, snapshots }: { size: number; snapshots: { count: number }[] }) => [
        size,
        snapshots.map(({ count }) => count),
      ]),
      [[6, [1]], [15, [2]]],
    );
    const { last } = json[1].snapshots[0];
    const changed = await look(["diff", `${last}:${directory}/etc`]);
    assert.match(changed.stdout, /^- +-15 B +\S+\/etc\/report\.txt\n/);
    const target = `${directory}/back`;
    const restored = await look(["restore", last, target, `${directory}/etc/report.txt`]);
    assert.equal(restored.code, 0, restored.stderr);
    assert.equal(await Deno.readTextFile(`${target}${directory}/etc/report.txt`), "second, longer\n");
  });
});

Deno.test("find goes by size, time and type, in all snapshots or those named", async () => {
  await inDirectory(async (directory) => {
    const { look, write, backUp } = await setUp(directory);
    await write("etc/large", "x".repeat(5000));
    await Deno.utime(`${directory}/etc/hosts`, 86400, 86400);
    await backUp();
    const paths = async (...argv: string[]) => {
      const { stdout } = await look(["find", ...argv, "--name", "system", "--json"]);
      return [
        ...new Set(JSON.parse(stdout).map(({ path }: { path: string }) => path.slice(directory.length))),
      ];
    };
    assert.deepEqual(await paths(`${directory}/etc/**`), [
      "/etc/hosts",
      "/etc/large",
      "/etc/ssh",
      "/etc/ssh/sshd_config",
    ]);
    assert.deepEqual(await paths(`${directory}/etc/**`, "latest~1", "--type", "file"), [
      "/etc/hosts",
      "/etc/ssh/sshd_config",
    ]);
    assert.deepEqual(await paths("*", "--size", "5kB", "--type", "file"), ["/etc/large"]);
    assert.deepEqual(await paths("*", "--size", "-10B", "--type", "file"), ["/etc/ssh/sshd_config"]);
    assert.deepEqual(await paths("*", "--older", "1970-01-03"), ["/etc/hosts"]);
    const none = await look(["find", "nothing"]);
    assert.deepEqual([none.code, none.stdout], [4, ""]);
    assert.match(none.stderr, /Cannot find "nothing": none of 4 snapshots has it/);
    assert.equal((await look(["find", "*", "--size", "x"])).code, 2);
  });
});
