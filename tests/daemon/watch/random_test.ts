import assert from "node:assert/strict";
import { RandomChanges } from "../../fixtures/random_changes.ts";
import { seeded } from "../../../src/base/chance.ts";
import { testSeed } from "../../fixtures/random.ts";
import { area, sees, Watched } from "./watched.ts";

const ROUNDS = 60;
const seed = testSeed();

/** Of each path below `directory` what a backup would see; of a file with several names not what its other names change, too. */
function look(directory: string, relative = "", seen = new Map<string, string>()): Map<string, string> {
  for (const { name } of Deno.readDirSync(directory)) {
    const path = `${directory}/${name}`;
    const inner = `${relative}/${name}`.replace(/^\//, "");
    const { ino, size, mtime, mode, isDirectory, nlink } = Deno.lstatSync(path);
    const isShared = !isDirectory && (nlink ?? 1) > 1;
    seen.set(inner, isShared ? String(ino) : [ino, size, mtime?.getTime(), mode].join(" "));
    if (isDirectory) look(path, inner, seen);
  }
  return seen;
}

/** The same file, which has or had other names: they are reported, this one is not. */
function isSameShared(before = "", after = ""): boolean {
  return before.split(" ")[0] === after.split(" ")[0] && !(before.includes(" ") && after.includes(" "));
}

/** Of what is gone the outermost directory that is gone with it: whoever misses that misses all in it. */
function outermostGone(path: string, after: ReadonlyMap<string, string>): string {
  const parts = path.split("/");
  const gone = parts.findIndex((_, i) => !after.has(parts.slice(0, i + 1).join("/")));
  return gone < 0 ? path : parts.slice(0, gone + 1).join("/");
}

Deno.test("whatever changes, and however it is moved about, a run that looks at what is dirty sees it", async () => {
  console.log(`VAULTIK_TEST_SEED=${seed}`);
  const random = seeded(seed);
  await using watched = new Watched().make("tree", "outside");
  await watched.watch([area({ roots: [watched.path("tree")] })]);
  const changes = new RandomChanges(watched.path("tree"), watched.path("outside"), random);
  let before = look(watched.path("tree"));
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = random() * 30; i > 0; i--) changes.change();
    const dirty = await watched.dirty();
    const after = look(watched.path("tree"));
    for (const path of new Set([...before.keys(), ...after.keys()])) {
      if (before.get(path) === after.get(path) || isSameShared(before.get(path), after.get(path))) continue;
      const seen = sees(dirty, `tree/${outermostGone(path, after)}`);
      assert.ok(
        seen,
        `round ${round}: ${path}: ${before.get(path)} -> ${after.get(path)}; dirty: ${JSON.stringify(dirty)}`,
      );
    }
    before = after;
    changes.settled();
  }
  assert.ok(before.size > 50, `${before.size} entries`);
});
