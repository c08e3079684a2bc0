import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openFileStore } from "../src/store/file.ts";
import { Look, type Looked } from "./browse_look.ts";
import { forgeHistory } from "./history_forge.ts";
import { type Cost, medianCost } from "./measure.ts";
import { namedProgram } from "./program.ts";
import { Restic, Vaultik } from "./tools.ts";
import { inScratch } from "./scratch.ts";

const HELP = `What it costs to look into a long history: history, find and diff.

Forged: --snapshots snapshots of 1,000,000 files of which each changes 20. Cold: nothing is kept on this machine; warm: the same asked again.
Objects and bytes read are counted by strace, in a cold run of their own; a store in a bucket is asked by a request for each.
Made: find and diff beside restic, both with --made-snapshots snapshots of --made-files files, as a million would take hours.

  --part NAME          forged or made; may be given several times (default: both)
  --snapshots N        (default 1,000)
  --forged DIR         leave what is forged there, and take what is there already
  --made-files N       (default 100,000)
  --made-snapshots N   (default 50)
  --binary PATH        the program (default: dist/vaultik, else its source)
  --runs N             repetitions; medians are shown (default 3)
  --work DIR           for all that is written (default: /tmp)
`;
const MIB = 2 ** 20;
const CHANGED_FILES = 20;
const FILES_A_DIRECTORY = 1_000;
const PATTERN = "*.conf";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    part: { type: "string", multiple: true, default: ["forged", "made"] },
    snapshots: { type: "string", default: "1000" },
    forged: { type: "string" },
    "made-files": { type: "string", default: "100000" },
    "made-snapshots": { type: "string", default: "50" },
    binary: { type: "string" },
    runs: { type: "string", default: "3" },
    work: { type: "string", default: "/tmp" },
    help: { type: "boolean" },
  },
});

/** What was forged, as a file beside the store remembers it. */
interface Forged {
  readonly identity: string;
  /** A file that has changed. */
  readonly path: string;
}

async function forge(store: string): Promise<Forged> {
  const notes = `${store}.json`;
  try {
    return JSON.parse(await Deno.readTextFile(notes));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const snapshots = Number(values.snapshots);
  console.error(`forging ${snapshots} snapshots`);
  await Deno.mkdir(store, { recursive: true });
  await using files = await openFileStore(store);
  const { identity, path } = await forgeHistory(files, { snapshots, blobs: 2 * snapshots, withPages: true });
  await Deno.writeTextFile(notes, JSON.stringify({ identity, path }), { mode: 0o600 });
  return { identity, path };
}

async function lookIntoForged(work: string, program: readonly string[]): Promise<void> {
  const root = values.forged === undefined ? join(work, "forged") : resolve(values.forged);
  const { identity, path } = await forge(join(root, "store"));
  const look = await Look.begin({ store: join(root, "store"), identity, work, program });
  const questions = [["history", path], ["find", PATTERN], ["diff", "latest~1", "latest"]];
  console.log(`\n${values.snapshots} snapshots of 1,000,000 files\n`);
  console.log("| question | cold | peak memory | objects | read | warm | peak memory |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const question of questions) {
    const runs: Looked[] = [];
    for (let run = 0; run < Number(values.runs); run++) runs.push(await look.ask(question));
    const [cold, warm] = [medianCost(runs.map((run) => run.cold)), medianCost(runs.map((run) => run.warm))];
    const traffic = await look.count(question);
    const cells = [
      question.join(" "),
      seconds(cold),
      mebibytes(cold.peakBytes),
      traffic === undefined ? "" : String(traffic.reads),
      traffic === undefined ? "" : mebibytes(traffic.bytes),
      seconds(warm),
      mebibytes(warm.peakBytes),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function makeFiles(tree: string): string[] {
  const files: string[] = [];
  for (let number = 0; number < Number(values["made-files"]); number++) {
    const directory = join(tree, `d${Math.floor(number / FILES_A_DIRECTORY)}`);
    if (number % FILES_A_DIRECTORY === 0) Deno.mkdirSync(directory, { recursive: true });
    const file = join(directory, `f${number}${number % 100 === 1 ? ".conf" : ""}`);
    Deno.writeTextFileSync(file, `file ${number}\n`);
    files.push(file);
  }
  return files;
}

async function lookBesideRestic(work: string, program: readonly string[]): Promise<void> {
  const tree = join(work, "tree");
  const files = makeFiles(tree);
  const tools = [
    new Vaultik({ directory: join(work, "vaultik"), tree, s3: undefined }, program),
    new Restic({ directory: join(work, "restic"), tree, s3: undefined }),
  ];
  for (const tool of tools) await tool.prepare();
  for (let snapshot = 0; snapshot < Number(values["made-snapshots"]); snapshot++) {
    for (let i = 0; i < CHANGED_FILES; i++) {
      const file = files[Math.floor(Math.random() * files.length)]!;
      Deno.writeTextFileSync(file, `snapshot ${snapshot}\n`, { append: true });
    }
    for (const tool of tools) await tool.backUp();
  }
  console.log(
    `\n${
      values["made-snapshots"]
    } snapshots of ${files.length} files; kept: what the backups left on this machine\n`,
  );
  console.log("| question | vaultik | restic | ratio | peak memory |");
  console.log("| --- | ---: | ---: | ---: | ---: |");
  for (
    const [name, ask] of [
      [`find ${PATTERN}`, (tool: Vaultik | Restic) => tool.find(PATTERN)],
      ["diff latest~1 latest", (tool: Vaultik | Restic) => tool.diffLast()],
    ] as const
  ) {
    const [ours, theirs] = [await medianOf(() => ask(tools[0]!)), await medianOf(() => ask(tools[1]!))];
    const ratio = (ours.wallSeconds / theirs.wallSeconds).toFixed(2);
    const memory = `${mebibytes(ours.peakBytes)} : ${mebibytes(theirs.peakBytes)}`;
    console.log(`| ${[name, seconds(ours), seconds(theirs), ratio, memory].join(" | ")} |`);
  }
}

async function medianOf(ask: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let run = 0; run < Number(values.runs); run++) costs.push(await ask());
  return medianCost(costs);
}

function seconds({ wallSeconds }: Cost): string {
  return `${wallSeconds.toFixed(2)} s`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

if (values.help) {
  console.log(HELP);
} else {
  await inScratch(values.work, "browse", async (work) => {
    const program = namedProgram(values.binary);
    if (values.part.includes("forged")) await lookIntoForged(work, program);
    if (values.part.includes("made")) await lookBesideRestic(work, program);
  });
}
