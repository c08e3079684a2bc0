import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bytesOnDisk, FILE_SYSTEMS, type FileSystem, FreshFileSystem } from "./fresh_file_system.ts";
import { type Cost, measure, median, medianCost, settle } from "./measure.ts";
import { namedProgram } from "./program.ts";
import { findRustic, Restic, Rustic, type Tool, Vaultik } from "./tools.ts";
import { goModuleCache, makeBigTree, makeSmallTree } from "./trees.ts";
import { inScratch } from "./scratch.ts";

const HELP =
  `Restores beside restic, cp -a and, where it is installed, rustic: each time to a file system made for it. Needs root.

  --tree WHICH         go (Go's module cache, which has much twice), small (300,000 files of 2 KB), big (2 files of 1.5 GiB) or a
                       directory; may be given several times (default: go, /usr and small)
  --files N            files of the small tree (default 300,000)
  --fs KIND            tmpfs (default) or ext4 on a loop device
  --binary PATH        the program (default: dist/vaultik, else its source)
  --runs N             repetitions; medians are shown (default 3)
  --work DIR           for all that is written (default: /tmp)
VAULTIK_RUSTIC names rustic where it is not on the PATH.
`;
const MIB = 2 ** 20;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    tree: { type: "string", multiple: true, default: ["go", "/usr", "small"] },
    files: { type: "string", default: "300000" },
    fs: { type: "string", default: "tmpfs" },
    binary: { type: "string" },
    runs: { type: "string", default: "3" },
    work: { type: "string", default: "/tmp" },
    help: { type: "boolean" },
  },
});

async function treeOf(which: string, work: string): Promise<string> {
  const tree = join(work, "tree");
  if (which === "small") makeSmallTree(tree, Number(values.files));
  else if (which === "big") makeBigTree(tree);
  else if (which === "go") {
    const cache = await goModuleCache();
    if (cache === undefined) throw new Error("Cannot restore Go's module cache: there is none");
    return cache;
  } else return resolve(which);
  return tree;
}

/** Stored bytes that a restore has fetched, by those that it needed. */
interface Fetched {
  readonly bytes_fetched: number;
  readonly bytes_again: number;
}

function timesFetched({ bytes_fetched: all, bytes_again: again }: Fetched): number {
  return all / (all - again);
}

async function onFresh(
  work: string,
  bytes: number,
  restore: (target: string) => Promise<Cost>,
  ...warm: string[]
): Promise<Cost> {
  await settle(...warm);
  await using fresh = await FreshFileSystem.mount(fileSystem(), work, bytes);
  return await restore(join(fresh.path, "restored"));
}

async function compare(which: string, work: string, program: readonly string[]): Promise<void> {
  const tree = await treeOf(which, work);
  const vaultik = new Vaultik({ directory: join(work, "vaultik"), tree, s3: undefined }, program);
  const rustic = findRustic();
  const others: Tool[] = [new Restic({ directory: join(work, "restic"), tree, s3: undefined })];
  if (rustic !== undefined) {
    others.push(new Rustic({ directory: join(work, "rustic"), tree, s3: undefined }, rustic));
  }
  for (const tool of [vaultik, ...others]) {
    await tool.prepare();
    const { wallSeconds } = await tool.backUp();
    console.error(`${tool.name}, backup: ${wallSeconds.toFixed(2)} s`);
  }
  const bytes = await bytesOnDisk(tree);
  const costs = new Map<string, Cost[]>();
  const times: number[] = [];
  const add = (name: string, cost: Cost) => {
    console.error(`${name}: ${cost.wallSeconds.toFixed(2)} s`);
    costs.set(name, [...costs.get(name) ?? [], cost]);
  };
  for (let run = 0; run < Number(values.runs); run++) {
    add(
      vaultik.name,
      await onFresh(work, bytes, async (target) => {
        const restored = await vaultik.restore(target);
        times.push(timesFetched(JSON.parse(restored.stdout.trim().split("\n").at(-1)!)));
        return restored;
      }, vaultik.repository),
    );
    for (const tool of others) {
      add(
        tool.name,
        await onFresh(work, bytes, (target) => tool.restore(target), tool.repository),
      );
    }
    add("cp -a", await onFresh(work, bytes, (target) => measure(["cp", "-a", tree, target]), tree));
  }
  printTable(which, costs, median(times));
}

function printTable(which: string, costs: ReadonlyMap<string, readonly Cost[]>, times: number): void {
  console.log(`\nRestore of ${which} to ${fileSystem()}; each blob was fetched ${times.toFixed(3)} times\n`);
  console.log("| | seconds | vaultik's ratio | CPU | peak memory |");
  console.log("| --- | ---: | ---: | ---: | ---: |");
  const ours = medianCost(costs.get("vaultik")!).wallSeconds;
  for (const [name, all] of costs) {
    const { wallSeconds, cpuSeconds, peakBytes } = medianCost(all);
    const ratio = (ours / wallSeconds).toFixed(2);
    console.log(
      `| ${name} | ${wallSeconds.toFixed(2)} s | ${ratio} | ${cpuSeconds.toFixed(2)} s | ${
        (peakBytes / MIB).toFixed(0)
      } MiB |`,
    );
  }
}

function fileSystem(): FileSystem {
  const kind = FILE_SYSTEMS.find((kind) => kind === values.fs);
  if (kind !== undefined) return kind;
  throw new Error(`Cannot restore to --fs ${values.fs}: allowed is ${FILE_SYSTEMS.join(", ")}`);
}

if (values.help) {
  console.log(HELP);
} else {
  const program = namedProgram(values.binary);
  for (const which of values.tree) {
    await inScratch(values.work, "restore", async (work) => {
      await compare(which, work, program);
    });
  }
}
