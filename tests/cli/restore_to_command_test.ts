import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { hostDirectory, inDirectory, vaultik } from "./in_process.ts";

const SIZE = 3_000_000;

/** A store with a snapshot of one large file, and what feeds it to a command. */
async function setUp(directory: string) {
  const [config, key, data] = [`${directory}/c.yml`, `${directory}/key.txt`, `${directory}/data`];
  const url = `file://${directory}/store`;
  await vaultik([
    ...["--config", config, "init", "--keygen", "--identity-out", key, "--storage-url", url],
    ...["--path", data],
  ]);
  const more = `index_path: ${directory}/index.sqlite\nchunk_size: 64KiB\nblob_size_limit: 1MiB\n`;
  await Deno.writeTextFile(config, more, { append: true });
  await Deno.mkdir(data);
  await Deno.writeFile(`${data}/dump`, randomBytes(SIZE));
  const created = await vaultik(["--config", config, "snapshot", "create"]);
  assert.equal(created.code, 0, created.stderr);
  const bytes: Uint8Array[] = [];
  const restore = (...command: string[]) =>
    vaultik([
      ...["restore", `latest:${data}/dump`, "--identity", key, "--storage-url", url],
      ...["--command", "--", ...command],
    ], { bytes });
  return { data, restore, key, url, bytes };
}

Deno.test("restore --command feeds a file to a command", () =>
  inDirectory(async (directory) => {
    const { data, restore, bytes } = await setUp(directory);
    const file = `${directory}/fed`;
    const fed = await restore("sh", "-c", `cat > ${file}; echo imported; echo noted >&2`);
    assert.equal(fed.code, 0, fed.stderr);
    assert.match(fed.stdout, /^sh took all of ".*\/data\/dump" of \S+\n/);
    assert.match(fed.stderr, /^noted$/m);
    assert.equal(new TextDecoder().decode(bytes[0]), "imported\n");
    assert.deepEqual(await Deno.readFile(file), await Deno.readFile(`${data}/dump`));
  }));

Deno.test("restore --command tells how a command failed, and does not take a part for the whole", () =>
  inDirectory(async (directory) => {
    const { restore } = await setUp(directory);
    const failed = await restore("sh", "-c", "cat > /dev/null; echo no such table >&2; exit 3");
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /no such table\n.*Cannot restore ".*\/data\/dump": sh ended with 3/s);
    const early = await restore("head", "-c10");
    assert.equal(early.code, 1);
    assert.match(early.stderr, /head ended with 0, but did not read all of it/);
    const absent = await restore("/no/such");
    assert.equal(absent.code, 1);
    assert.match(absent.stderr, /Cannot run \/no\/such: there is no such program/);
  }));

Deno.test("a damaged blob in the middle kills the command before its input ends: exit 5", () =>
  inDirectory(async (directory) => {
    const { restore } = await setUp(directory);
    const blobs: string[] = [];
    for (const { isFile, path } of walk(`${hostDirectory(`${directory}/store`)}/blobs`)) {
      if (isFile) blobs.push(path);
    }
    assert.ok(blobs.length >= 3);
    let midway = 0;
    for (const blob of blobs) {
      const bytes = await Deno.readFile(blob);
      await Deno.writeFile(blob, bytes.map((byte, i) => (i > bytes.length / 2 ? byte ^ 1 : byte)));
      const [ended, begun] = [`${directory}/ended`, `${directory}/begun`];
      const damaged = await restore("sh", "-c", `head -c1 > ${begun}; cat > /dev/null; touch ${ended}`);
      assert.equal(damaged.code, 5, damaged.stderr);
      assert.throws(() => Deno.statSync(ended), Deno.errors.NotFound);
      midway += await Deno.remove(begun).then(() => 1, () => 0);
      await Deno.writeFile(blob, bytes);
    }
    assert.ok(midway > 0, "no command had begun when the damage was met");
  }));

function* walk(directory: string): Generator<{ isFile: boolean; path: string }> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(directory)) {
    const path = `${directory}/${name}`;
    yield { isFile, path };
    if (isDirectory) yield* walk(path);
  }
}

Deno.test("restore --command is refused without a command, a file or a path", () =>
  inDirectory(async (directory) => {
    const { key, url, data } = await setUp(directory);
    const access = ["--identity", key, "--storage-url", url];
    for (
      const [words, message] of [
        [["latest:/a", "--command"], /write it at the end, after --command --/],
        [["latest", "--command", "--", "cat"], /name one file, as in latest:\/databases\/app\.sql/],
        [[`latest:${data}`, ...access, "--command", "--", "cat"], /it is no regular file/],
      ] as const
    ) {
      const { code, stderr } = await vaultik(["restore", ...words]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
  }));
