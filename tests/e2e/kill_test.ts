import assert from "node:assert/strict";
import { Decrypter } from "age-encryption";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { openStore, type StoreLocation } from "../../src/store/open.ts";
import { seeded } from "../../src/base/chance.ts";
import { testSeed } from "../fixtures/random.ts";
import { findVersitygw, startVersitygw } from "../fixtures/s3_server.ts";
import { listTree } from "../fixtures/tree.ts";
import { BINARY, Scene, start, testOfExecutable, testWith } from "./vaultik.ts";

const KILLS = 20;
const FILES_PER_ROUND = 30;
const FILE_BYTES = 100_000;
const SETTINGS = { chunk_size: "64KiB", blob_size_limit: "512KiB" };

const versitygw = findVersitygw();
const missing = versitygw === undefined ? "versitygw" : BINARY === undefined ? "VAULTIK_BINARY" : undefined;
const seed = testSeed();

/** Files that share no chunk with any other. */
async function addFiles(tree: string, round: number): Promise<void> {
  for (let number = 0; number < FILES_PER_ROUND; number++) {
    await Deno.writeFile(join(tree, `file-${round}-${number}`), randomBytes(FILE_BYTES));
  }
}

/** It may have ended a moment before. */
function killIfThere(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function killAt(scene: Scene, delayMs: number): Promise<boolean> {
  const child = start(["--config", scene.config, "snapshot", "create"]);
  const timer = setTimeout(() => killIfThere(child), delayMs);
  const { signal, code, stderr } = await child.output();
  clearTimeout(timer);
  assert.ok(signal === "SIGKILL" || code === 0, new TextDecoder().decode(stderr));
  return signal === "SIGKILL";
}

async function killAndFinish(scene: Scene, location: StoreLocation): Promise<void> {
  const random = seeded(seed);
  await addFiles(scene.tree, 0);
  const startMs = performance.now();
  await scene.create();
  const fullMs = performance.now() - startMs;
  let killed = 0;
  for (let round = 1; killed < KILLS; round++) {
    assert.ok(round < 3 * KILLS, `only ${killed} of ${round} runs were killed`);
    await addFiles(scene.tree, round);
    if (await killAt(scene, fullMs * (0.2 + 0.8 * random()))) killed++;
    await scene.ok("snapshot", "verify");
  }
  await scene.create();
  await scene.ok("snapshot", "verify", "--deep", "--identity", scene.key);
  assert.deepEqual(await scene.restored("latest"), await listTree(scene.tree));
  await assertNothingTwice(scene, location);
}

/** Every byte of the tree is unique, so blobs hold as many bytes as it does, unless a chunk is in two. */
async function assertNothingTwice(scene: Scene, location: StoreLocation): Promise<void> {
  await using store = await openStore(location, () => {});
  const decrypter = new Decrypter();
  decrypter.addIdentity(scene.identity);
  let bytes = 0;
  for await (const { name } of store.list("hosts/")) {
    if (!name.includes("/blobs/")) continue;
    bytes += zstdDecompressSync(await decrypter.decrypt(await store.get(name))).length; // as `age -d | zstd -d | wc -c`
  }
  const files = [...Deno.readDirSync(scene.tree)].length;
  assert.equal(bytes, files * FILE_BYTES, "what was stored before a kill was stored again after it");
}

const NAME = `backups killed at ${KILLS} moments leave sound snapshots, and nothing is stored twice`;

testOfExecutable(`${NAME}: file store`, async () => {
  await using scene = await Scene.open("file", SETTINGS);
  console.log(`VAULTIK_TEST_SEED=${seed}`);
  await killAndFinish(scene, { kind: "file", path: scene.store });
});

testWith(missing, `${NAME}: versitygw`, async () => {
  await using server = await startVersitygw(versitygw!);
  await using scene = await Scene.open({ server, prefix: "kills" }, SETTINGS);
  console.log(`VAULTIK_TEST_SEED=${seed}`);
  await killAndFinish(scene, server.location("kills"));
});
