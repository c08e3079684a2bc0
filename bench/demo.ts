import { isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { atLeast } from "../src/base/at_least.ts";
import { firstDifference } from "../src/operations/compare_trees.ts";

// A real backup, a second one after changes, and a restore that is compared byte by byte, all in a temporary directory.

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = [
  "run",
  "-A",
  "--no-prompt",
  "--quiet",
  "--config",
  join(ROOT, "deno.json"),
  join(ROOT, "main.ts"),
];
/** Nothing that was written by hand; the demo's own directory must not be copied into itself. */
const LEFT_OUT = [".git", "node_modules", "dist"];

async function vaultik(...args: string[]): Promise<void> {
  console.log(`\n$ vaultik ${args.join(" ").replaceAll(scratch, "$DIR")}`);
  const start = performance.now();
  const command = new Deno.Command(Deno.execPath(), {
    args: [...PROGRAM, ...args],
    stdout: "inherit",
    stderr: "inherit",
  });
  const { code } = await command.spawn().status;
  console.log(`(${((performance.now() - start) / 1000).toFixed(2)} s)`);
  if (code !== 0) throw new Error(`vaultik ${args[0]} ended with exit code ${code}`);
}

/** Copies files, directories and links; whatever else there is stays behind. */
async function copyTree(from: string, to: string): Promise<number> {
  let files = 0;
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isFile, isDirectory, isSymlink } of Deno.readDir(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory && !LEFT_OUT.includes(name)) files += await copyTree(source, target);
    if (isSymlink) await Deno.symlink(await Deno.readLink(source), target);
    if (!isFile) continue;
    await Deno.copyFile(source, target);
    files++;
  }
  return files;
}

/** What a day of work does: a file added, one grown, one gone, one moved. */
async function change(tree: string): Promise<void> {
  const files: string[] = [];
  for await (const { name, isFile } of Deno.readDir(tree)) if (isFile) files.push(join(tree, name));
  await Deno.mkdir(join(tree, "added"));
  await Deno.writeTextFile(
    join(tree, "added/naïve file.txt"),
    "written after the first backup\n".repeat(1000),
  );
  const [grown, gone, moved] = files.sort();
  if (grown !== undefined) await Deno.writeTextFile(grown, "one more line\n", { append: true });
  if (gone !== undefined) await Deno.remove(gone);
  if (moved !== undefined) await Deno.rename(moved, join(tree, "added/moved"));
}

async function backUpAndRestore(scratch: string, original: string): Promise<void> {
  const [tree, config, key] = atLeast(
    3,
    ["tree", "config.yml", "key.txt"].map((name) => join(scratch, name)),
  );
  const files = await copyTree(original, tree);
  console.log(
    `Copied ${files} files of ${original} to $DIR/tree; the original is not touched. DIR=${scratch}`,
  );

  const storage = ["--storage-url", `file://${join(scratch, "store")}`, "--path", tree];
  await vaultik("--config", config, "init", "--keygen", "--identity-out", key, ...storage);
  await Deno.writeTextFile(config, `index_path: ${join(scratch, "index.sqlite")}\n`, { append: true });
  await vaultik("--config", config, "snapshot", "create");
  await change(tree);
  console.log("\nOne file added, one grown, one removed, one moved.");
  await vaultik("--config", config, "snapshot", "create");
  await vaultik("--config", config, "snapshot", "list");
  await vaultik("--config", config, "snapshot", "verify", "latest");
  await vaultik("--config", config, "restore", "latest", join(scratch, "restored"), "--identity", key);

  const { difference, compared } = await firstDifference(tree, join(scratch, "restored", tree));
  if (difference !== undefined) throw new Error(`The restored tree differs: ${difference}`);
  console.log(`\nOK: ${compared} files, directories and links restored, byte by byte identical`);
}

const original = resolve(Deno.args[0] ?? ROOT);
const scratch = await Deno.realPath(await Deno.makeTempDir({ prefix: "vaultik-demo-" }));
try {
  const within = relative(await Deno.realPath(original), scratch);
  if (!within.startsWith("..") && !isAbsolute(within)) {
    throw new Error(`${original} holds the temporary directory; choose another or set TMPDIR`);
  }
  await backUpAndRestore(scratch, original);
} catch (error) {
  console.error(`\nFAILED: ${error instanceof Error ? error.message : error}`);
  Deno.exitCode = 1;
} finally {
  await Deno.remove(scratch, { recursive: true });
}
