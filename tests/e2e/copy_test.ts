import assert from "node:assert/strict";
import { join } from "node:path";
import { README_NAME } from "../../src/model/names.ts";
import { STORE_README } from "../../src/model/readme_text.ts";
import { startS3rver } from "../fixtures/s3_server.ts";
import { listTree, makeTree } from "../fixtures/tree.ts";
import { assertFails, Scene, storeSettings, vaultik } from "./vaultik.ts";

Deno.test("snapshots are copied from one store to another and on, without a key, and restore from there", async () => {
  await using server = await startS3rver();
  await using scene = await Scene.open("file", { chunk_size: "64KiB", blob_size_limit: "1MiB" });
  await makeTree(scene.tree, { bigFile: 2_000_000 });
  const before = await listTree(scene.tree);
  const first = await scene.create();
  await Deno.writeTextFile(join(scene.tree, "added"), "added");
  const second = await scene.create();
  await scene.ok("snapshot", "pin", second);
  await Deno.remove(scene.key);

  const bucket = scene.path("bucket.yml");
  const settings = storeSettings({ server, prefix: "copy" }, "");
  await Deno.writeTextFile(bucket, JSON.stringify(settings), { mode: 0o600 });
  const planned = JSON.parse(await scene.ok("copy", "--to-config", bucket, "--dry-run", "--json"));
  assert.deepEqual([planned.is_done, planned.snapshots.map(({ id }: { id: string }) => id)], [false, [
    first,
    second,
  ]]);
  const done = JSON.parse(await scene.ok("copy", "--to-config", bucket, "--json"));
  assert.deepEqual([done.is_done, done.copied, done.objects, done.bytes], [
    true,
    [first, second],
    planned.objects,
    planned.bytes,
  ]);
  assert.match(await scene.ok("copy", "--to-config", bucket), /Copied 0 snapshots .*; 2 were there/);

  const { endpoint, accessKeyId, secretAccessKey } = server.location("");
  const env = {
    AWS_ENDPOINT_URL: endpoint!,
    AWS_ACCESS_KEY_ID: accessKeyId!,
    AWS_SECRET_ACCESS_KEY: secretAccessKey!,
  };
  const from = ["--storage-url", "s3://vaultik/copy"];
  const back = `file://${scene.path("back")}`;
  assertFails(await vaultik(["copy", first, ...from, "--to", back], { env }), 2, /no such directory/);
  assert.equal((await vaultik(["copy", first, ...from, "--to", back, "--create"], { env })).code, 0);
  assert.equal((await vaultik(["copy", "none", ...from, "--to", back], { env })).code, 4);

  assert.equal(await Deno.readTextFile(scene.path(`back/${README_NAME}`)), STORE_README);

  const key = scene.path("key-again.txt");
  await Deno.writeTextFile(key, scene.identity);
  const target = scene.path("restored");
  const restored = await vaultik(["restore", "latest", target, "--storage-url", back, "--identity", key]);
  assert.equal(restored.code, 0, restored.stderr);
  assert.deepEqual(await listTree(target + scene.tree), before);
});

Deno.test("a damaged object makes the exit code of a copy 5, and is named with its snapshot", async () => {
  await using scene = await Scene.open("file");
  await Deno.writeTextFile(join(scene.tree, "file"), "contents");
  const id = await scene.create();
  const found = JSON.parse(await scene.ok("copy", "--to", `file://${scene.path("a")}`, "--create", "--json"));
  assert.equal(found.copied.length, 1);
  const blob = await firstBlob(scene.host);
  await Deno.writeFile(blob, (await Deno.readFile(blob)).fill(0, 5, 9));
  const result = await scene.run("copy", "--to", `file://${scene.path("b")}`, "--create");
  assert.equal(result.code, 5);
  assert.match(result.stderr, new RegExp(`DAMAGED: .*\n.*blobs/.* is damaged: .*; needed by ${id}\n`));
});

async function firstBlob(host: string): Promise<string> {
  let path = join(host, "blobs");
  while ((await Deno.stat(path)).isDirectory) path = join(path, [...Deno.readDirSync(path)][0]!.name);
  return path;
}

Deno.test("copy refuses to guess its target", async () => {
  const url = "file:///nowhere/at/all";
  const table: [string[], RegExp][] = [
    [[], /named by --to URL or by --to-config FILE/],
    [["--to", url, "--to-config", "/c.yml"], /one of them/],
    [["--to", "x"], /Cannot use --to "x"/],
    [["--to", url, "--to-s3-endpoint", "h"], /Cannot use --to-s3-endpoint: --to is not s3/],
    [["--to-config", "/no/file", "--to-s3-endpoint", "h"], /it belongs to --to/],
    [["--to-config", "/no/file"], /Cannot read configuration \/no\/file/],
  ];
  for (const [flags, said] of table) assertFails(await vaultik(["copy", ...flags]), 2, said);
});
