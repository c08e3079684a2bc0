import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { atLeast } from "../../src/base/at_least.ts";
import { inDirectory } from "./in_process.ts";
import { setUp } from "./looked_at.ts";

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
    const [path, first, second, ...rest] = atLeast(3, found.stdout.split("\n"));
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
