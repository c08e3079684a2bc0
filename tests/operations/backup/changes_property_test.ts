import assert from "node:assert/strict";
import { decompressFrame } from "../../../src/blob/zstd.ts";
import type { Upload } from "../../../src/index/blobs.ts";
import { Index } from "../../../src/index/index.ts";
import type { ScanOptions } from "../../../src/operations/backup/messages.ts";
import { LocalBackup } from "./local_backup.ts";
import { RandomNumbers, RandomTree } from "./random_tree.ts";

const STEPS = Number(Deno.env.get("VAULTIK_TEST_STEPS") ?? 150);
const SEED = Number(Deno.env.get("VAULTIK_TEST_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const CHANGES_MAX = 6;

type Options = Partial<ScanOptions> & { readonly roots: readonly string[] };

/**
 * Texts of the pages of the last backup that are not in `others`, without the directories above all roots: others change those meanwhile, `/tmp`
 * is one; and without numbers of names: a watcher does not tell of a further one that is excluded.
 */
function pageTexts(index: string, root: string, others: readonly string[]): string {
  using opened = new Index(index);
  const pages = opened.pages.last("home")!.pages.filter(({ id }) => !others.includes(id));
  const texts = pages.map(({ number, length }) =>
    new TextDecoder().decode(decompressFrame(opened.pages.frame(number), length))
  );
  const isAbove = (line: string) =>
    line.startsWith('{"path"') && root.startsWith(JSON.parse(line).path + "/");
  const lines = (text: string) => text.split("\n").filter((line) => !isAbove(line));
  return texts.map((text) => lines(text).join("\n").replace(/,"links":\d+/g, "")).join("\n--\n");
}

/** Backs up through the index at `path`, where `.bad` files may have a fault, given that the blobs of `uploads` are in the store too. */
async function backUp(path: string, options: Options, hasFault: boolean, uploads: readonly Upload[] = []) {
  using backup = new LocalBackup(path, { isUnreadable: (path) => hasFault && path.endsWith(".bad") });
  backup.adopt(uploads);
  const result = await backup.scan(options);
  backup.commit();
  return { result, uploads: backup.uploads, ids: result.pages.map(({ id }) => id) };
}

/** How a backup of what has changed in `index` differs from one of everything in a copy of it. */
async function difference(
  directory: string,
  options: Options,
  tree: RandomTree,
  hasFault: boolean,
): Promise<string> {
  const [own, copy] = [`${directory}/index`, `${directory}/copy`];
  Deno.copyFileSync(own, copy);
  const changes = { directories: [...tree.directories], subtrees: [...tree.subtrees] };
  const part = await backUp(own, { ...options, changes }, hasFault);
  const all = await backUp(copy, options, hasFault, part.uploads);
  assert.deepEqual([part.result.scanned, all.result.scanned], ["changes", "all"]);
  const [partly, completely] = [pageTexts(own, tree.root, all.ids), pageTexts(copy, tree.root, part.ids)];
  if (partly !== completely) return `changes only:\n${partly}\n\neverything:\n${completely}`;
  assert.equal(part.ids.length, all.ids.length);
  assert.deepEqual(part.result.totals, all.result.totals);
  assert.deepEqual(part.result.unreadable, all.result.unreadable);
  return "";
}

Deno.test("a backup of what has changed ends in the pages of a backup of everything, after any changes", async () => {
  // Where pages end depends on paths.
  const directory = `${Deno.realPathSync("/tmp")}/vaultik-changes-${SEED}`;
  Deno.mkdirSync(directory);
  try {
    const random = new RandomNumbers(SEED);
    const tree = new RandomTree(`${directory}/data`, random);
    tree.grow(120);
    const options: Options = {
      roots: [tree.root, `${directory}/absent`],
      exclude: ["*.skip"],
      oneFileSystem: true,
      excludeCaches: true,
    };
    await backUp(`${directory}/index`, options, true);
    for (let step = 0; step < STEPS; step++) {
      tree.forgetChanges();
      for (let i = random.below(CHANGES_MAX); i >= 0; i--) tree.change();
      const found = await difference(directory, options, tree, random.below(3) === 0);
      assert.equal(found, "", `seed ${SEED}, step ${step}:\n${tree.log.join("\n")}\n${found}`);
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
