import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { programWords } from "../tests/e2e/vaultik.ts";
import { findVersitygw } from "../tests/fixtures/s3_server.ts";
import { bytesOnDisk, FILE_SYSTEMS, type FileSystem, FreshFileSystem } from "./fresh_file_system.ts";
import { type Cost, measure, median, medianCost, settle } from "./measure.ts";
import { printTable, type Results } from "./peers_table.ts";
import { findBinary } from "./program.ts";
import { BenchS3 } from "./s3.ts";
import { Restic, type Tool, Vaultik } from "./tools.ts";
import { findManyFiles, makeBigTree, makeSmallTree } from "./trees.ts";

const HELP = `Compares vaultik with restic in one run: first backup, no change, 20 files changed, restore.

  --tree DIR         what to back up; it is copied first (default: Go's module cache, else /usr)
  --small | --big    300,000 files of 2 KB | 2 files of 1.5 GiB, instead
  --store file|s3    a directory (default), or versitygw on 127.0.0.1
  --binary PATH      the program (default: dist/vaultik, else its source)
  --runs N           repetitions; medians are shown (default 3)
  --target-fs KIND   tmpfs (default) or ext4, made for each restore, which needs root
  --work DIR         for all that is written, on the disk to measure (default: dist/bench)
  --json             print the medians as JSON
`;
const CHANGED_FILES = 20;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    tree: { type: "string" },
    small: { type: "boolean" },
    big: { type: "boolean" },
    store: { type: "string", default: "file" },
    binary: { type: "string" },
    runs: { type: "string", default: "3" },
    "target-fs": { type: "string", default: "tmpfs" },
    work: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean" },
  },
});

const root = fileURLToPath(new URL("..", import.meta.url));

/** The tree to back up, in a place of our own, so that files of it can be changed. */
async function makeTree(tree: string): Promise<string> {
  if (values.small) makeSmallTree(tree);
  else if (values.big) makeBigTree(tree);
  else {
    const source = resolve(values.tree ?? await findManyFiles());
    console.error(`copying ${source}`);
    await measure(["cp", "-a", source, tree]);
  }
  return tree;
}

/** Appends a line to files spread over the tree. */
async function changeFiles(tree: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    await Deno.writeTextFile(join(tree, file), `${crypto.randomUUID()}\n`, { append: true });
  }
}

async function chooseFiles(tree: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("find", { args: [".", "-type", "f", "-print0"], cwd: tree })
    .output();
  const files = new TextDecoder().decode(stdout).split("\0").filter((file) => file !== "").sort();
  const step = Math.max(1, Math.floor(files.length / CHANGED_FILES));
  return files.filter((_, i) => i % step === 0).slice(0, CHANGED_FILES);
}

async function directoryBytes(directory: string): Promise<number> {
  let bytes = 0;
  for await (const entry of Deno.readDir(directory)) {
    const path = join(directory, entry.name);
    bytes += entry.isDirectory ? await directoryBytes(path) : (await Deno.lstat(path)).size;
  }
  return bytes;
}

/** All steps of one tool, from an empty repository on. */
async function runTool(
  tool: Tool,
  { tree, target, s3 }: { readonly tree: string; readonly target: string; readonly s3: BenchS3 | undefined },
): Promise<{ costs: Record<string, Cost>; stored: number }> {
  const costs: Record<string, Cost> = {};
  const step = async (name: string, action: () => Promise<Cost>) => {
    await settle(tree, tool.repository);
    const before = await s3?.requests();
    costs[name] = {
      ...await action(),
      requests: before === undefined ? undefined : await s3!.requests() - before,
    };
    console.error(`${tool.name}, ${name}: ${costs[name].wallSeconds.toFixed(2)} s`);
  };
  await tool.prepare();
  await step("first backup", () => tool.backUp());
  const stored = await directoryBytes(tool.repository);
  await step("no change", () => tool.backUp());
  await changeFiles(tree, await chooseFiles(tree));
  await step(`${CHANGED_FILES} files changed`, () => tool.backUp());
  await using fresh = await FreshFileSystem.mount(targetKind(), target, await bytesOnDisk(tree));
  await step("restore", () => tool.restore(join(fresh.path, "restored")));
  return { costs, stored };
}

async function copyTree(tree: string, target: string): Promise<Cost> {
  await settle(tree);
  await using fresh = await FreshFileSystem.mount(targetKind(), target, await bytesOnDisk(tree));
  return await measure(["cp", "-a", tree, join(fresh.path, "copied")]);
}

function targetKind(): FileSystem {
  const kind = FILE_SYSTEMS.find((kind) => kind === values["target-fs"]);
  if (kind !== undefined) return kind;
  throw new Error(
    `Cannot restore to --target-fs ${values["target-fs"]}: allowed is ${FILE_SYSTEMS.join(", ")}`,
  );
}

async function compare(work: string): Promise<Results> {
  const program = programWords(findBinary(values.binary));
  console.error(`vaultik is ${program.join(" ")}`);
  const tree = await makeTree(join(work, "tree"));
  const runs: { tool: string; costs: Record<string, Cost>; stored: number }[] = [];
  const copies: Cost[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const directory = join(work, `run-${run}`);
    await using s3 = values.store === "s3"
      ? await BenchS3.start(versitygw(), join(directory, "s3"))
      : undefined;
    const tools = [
      new Vaultik({ directory: join(directory, "vaultik"), tree, s3 }, program),
      new Restic({ directory: join(directory, "restic"), tree, s3 }),
    ];
    if (run % 2 === 1) tools.reverse();
    for (const tool of tools) {
      runs.push({
        tool: tool.name,
        ...await runTool(tool, { tree, target: join(directory, "restored"), s3 }),
      });
    }
    copies.push(await copyTree(tree, join(directory, "copied")));
    await Deno.remove(directory, { recursive: true });
  }
  return { copy: medianCost(copies), ...summarize(runs) };
}

function summarize(runs: readonly { tool: string; costs: Record<string, Cost>; stored: number }[]) {
  const of = (tool: string) => runs.filter((run) => run.tool === tool);
  const steps = Object.keys(runs[0]!.costs).map((name) => ({
    name,
    vaultik: medianCost(of("vaultik").map(({ costs }) => costs[name]!)),
    restic: medianCost(of("restic").map(({ costs }) => costs[name]!)),
  }));
  const stored = (tool: string) => median(of(tool).map((run) => run.stored));
  return { steps, storedBytes: { vaultik: stored("vaultik"), restic: stored("restic") } };
}

function versitygw(): string {
  const binary = findVersitygw();
  if (binary === undefined) {
    throw new Error("Cannot find versitygw: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0");
  }
  return binary;
}

if (values.help) {
  console.log(HELP);
} else {
  const base = resolve(values.work ?? join(root, "dist/bench"));
  await Deno.mkdir(base, { recursive: true });
  const work = await Deno.makeTempDir({ dir: base, prefix: "peers-" });
  try {
    const results = await compare(work);
    if (values.json) console.log(JSON.stringify(results, undefined, 2));
    else printTable(results);
  } finally {
    await Deno.remove(work, { recursive: true });
    if (values.work === undefined) await Deno.remove(dirname(work)).catch(() => {});
  }
}
