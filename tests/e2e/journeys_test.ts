import assert from "node:assert/strict";
import { Scene } from "./vaultik.ts";

// What people come for, each in three commands at most. What they print on 80 columns is in tests/golden/journeys/; with VAULTIK_UPDATE_GOLDEN=1
// it is written there.

const GOLDEN = new URL("../golden/journeys/", import.meta.url);
const COLUMNS = 80;

/** Runs a command with the key, and compares what it prints with the golden file `name`. */
async function step(scene: Scene, name: string, ...args: string[]): Promise<void> {
  const printed = withoutChance(await scene.ok(...args, "--identity", scene.key), scene);
  const file = new URL(`${name}.txt`, GOLDEN);
  if (Deno.env.get("VAULTIK_UPDATE_GOLDEN")) await Deno.writeTextFile(file, printed);
  assert.equal(printed, await Deno.readTextFile(file));
  for (const line of printed.split("\n")) assert.ok(line.length <= COLUMNS, line);
}

/** What differs from run to run, in as many characters; blanks before numbers are as wide as the numbers. */
function withoutChance(text: string, { tree, directory }: Scene): string {
  return text
    .replaceAll(tree, "/home/me").replaceAll(directory, "/scene")
    .replace(/\d{8}T\d{6}Z-[a-z2-7]{8}-[0-9a-f]{8}/g, "20261128T031500Z-k3v7q2xa-5e0c9b1f")
    .replace(/\d{8}T\d{6}Z/g, "20261128T031500Z")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "2026-11-28 03:15")
    .replace(/in [\d.]+ ?m?s\b/g, "in 0.1 s")
    .replace(/(stored by this run|only in this snapshot|fetched) +[\d.]+ [KMG]?i?B/g, "$1 1 MiB")
    .replace(/\d+ requests.*/, "1 requests");
}

async function write(scene: Scene, name: string, contents: string | Uint8Array): Promise<void> {
  const path = `${scene.tree}/${name}`;
  await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
  await (typeof contents === "string" ? Deno.writeTextFile(path, contents) : Deno.writeFile(path, contents));
}

/** Equal in every run, and not to be compressed. */
function noise(length: number): Uint8Array {
  let state = 1;
  return new Uint8Array(length).map(() => (state = (state * 48271) % 2147483647) & 255);
}

Deno.test("I deleted a file yesterday: which snapshots have it, what changed since, give it back", async () => {
  await using scene = await Scene.open();
  await write(scene, "letters/landlord.txt", "Dear Ms Ferreira\n");
  await write(scene, "todo.txt", "- call the dentist\n");
  await scene.create();
  await write(scene, "letters/landlord.txt", "Dear Ms Ferreira,\n\nthe heating is cold.\n");
  await scene.create();
  await Deno.remove(`${scene.tree}/letters/landlord.txt`);
  await write(scene, "todo.txt", "- call the dentist\n- and the landlord\n");
  await scene.create();

  const path = `${scene.tree}/letters/landlord.txt`;
  await step(scene, "deleted-1-history", "history", path);
  await step(scene, "deleted-2-diff", "diff", "latest~1", "latest");
  await step(scene, "deleted-3-restore", "restore", `latest~1:${path}`, scene.path("back"));
  const restored = await Deno.readTextFile(scene.path("back") + path);
  assert.equal(restored, "Dear Ms Ferreira,\n\nthe heating is cold.\n");
});

Deno.test("which files made last night's backup so big", async () => {
  await using scene = await Scene.open();
  await write(scene, "notes.txt", "small\n");
  await scene.create();
  await write(scene, "Videos/party.mkv", noise(3_000_000));
  await write(scene, "Videos/cut.mkv", noise(700_000).reverse());
  await write(scene, "logs/debug.log", noise(200_000).map((byte) => byte ^ 1));
  await scene.create();
  await step(scene, "big-1-stats", "stats");
  await step(scene, "big-2-diff", "diff", "latest~1", "latest", "--stat");
});

Deno.test("give me everything of the day before yesterday as an archive", async () => {
  await using scene = await Scene.open();
  await write(scene, "notes.txt", "old\n");
  const old = await scene.create();
  await write(scene, "notes.txt", "new\n");
  await scene.create();
  const archive = await scene.run("dump", old, "--identity", scene.key);
  assert.equal(archive.code, 0, archive.stderr);
  assert.ok(archive.stdout.includes("old\n") && !archive.stdout.includes("new\n"));
});
