import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { atLeast } from "../src/base/at_least.ts";
import { findVersitygw } from "../tests/fixtures/s3_server.ts";
import { type Cost, measure, median, medianCost, settle } from "./measure.ts";
import { namedProgram } from "./program.ts";
import { BenchS3 } from "./s3.ts";
import { Restic, type Tool, Vaultik } from "./tools.ts";
import { ForgedHost, type OneFile } from "./wan_one_file.ts";
import { type Line, parseLine, WanProxy } from "./wan_proxy.ts";
import { inScratch } from "./scratch.ts";

const HELP =
  `Compares vaultik with restic over lines as they are: a proxy in front of versitygw delays each way and limits
each connection. First backup, no change, restore, restore of one file, to and from memory; then one file of a host of 1,000,000 files
and 1 TB, forged, on its own machine, which has lost its index, on another one that knows nothing of the store, and once more there; medians.

  --line RTT,RATE    milliseconds and MB/s of a connection; may be given several times (default: 80,10 and 20,60)
  --binary PATH      the program (default: dist/vaultik, else its source)
  --runs N           repetitions; medians are shown (default 3)
  --connections N    of vaultik (default: its own, 16)
  --part NAME        compared or one-file; may be given several times (default: both)
  --work DIR         for all that is written (default: /dev/shm)
`;
const MIB = 2 ** 20;
const LARGE = { files: 24, bytes: 16 * MIB };
const SMALL = { files: 2_000, bytes: 40_000 };
const FILES_A_DIRECTORY = 100;
const ONE_FILE = "d3/f7";
const CONNECTIONS = 16;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    line: { type: "string", multiple: true, default: ["80,10", "20,60"] },
    binary: { type: "string" },
    runs: { type: "string", default: "3" },
    connections: { type: "string", default: String(CONNECTIONS) },
    part: { type: "string", multiple: true, default: ["compared", "one-file"] },
    work: { type: "string", default: "/dev/shm" },
    help: { type: "boolean" },
  },
});

/** What one step cost, and what went over the line meanwhile. */
interface Step extends Cost {
  readonly lineBytes: number;
}

type Steps = Readonly<Record<string, Step>>;

function makeTree(tree: string): void {
  for (const [folder, { files, bytes }] of [["large", LARGE], ["small", SMALL]] as const) {
    for (let file = 0; file < files; file++) {
      const number = Math.floor(file / FILES_A_DIRECTORY);
      const directory = join(tree, folder, `d${number}`);
      Deno.mkdirSync(directory, { recursive: true });
      Deno.writeFileSync(join(directory, `f${file % FILES_A_DIRECTORY}`), randomBytes(bytes));
    }
  }
}

/** All steps of one tool over one line, from an empty repository on. */
async function runTool(tool: Tool, s3: BenchS3, proxy: WanProxy, tree: string): Promise<Steps> {
  const steps: Record<string, Step> = {};
  const step = async (name: string, action: () => Promise<Cost>) => {
    await settle(tree);
    const requests = await s3.requests();
    const bytes = proxy.bytes;
    const cost = await action();
    steps[name] = { ...cost, requests: await s3.requests() - requests, lineBytes: proxy.bytes - bytes };
    console.error(`${tool.name}, ${name}: ${cost.wallSeconds.toFixed(2)} s`);
  };
  const restored = `${tool.repository}-restored`;
  const one = join(tree, "small", ONE_FILE);
  await tool.prepare();
  await step("first backup", () => tool.backUp());
  await step("no change", () => tool.backUp());
  await step("restore", () => tool.restore(restored));
  await checkRestored(tree, restored);
  await step("restore of one file", () => tool.restore(`${restored}-one`, one));
  await measure(["cmp", one, join(`${restored}-one`, one)]);
  for (const directory of [restored, `${restored}-one`]) await Deno.remove(directory, { recursive: true });
  return steps;
}

async function checkRestored(tree: string, restored: string): Promise<void> {
  await measure(["diff", "-r", tree, join(restored, tree)]);
}

async function runLine(line: Line, work: string, program: readonly string[]): Promise<void> {
  const tree = join(work, "tree");
  const runs: Record<string, Steps[]> = { vaultik: [], restic: [] };
  for (let run = 0; run < Number(values.runs); run++) {
    const directory = join(work, `run-${run}`);
    await using s3 = await BenchS3.start(versitygw(), join(directory, "s3"));
    await using proxy = new WanProxy(s3.endpoint, line);
    s3.endpoint = proxy.endpoint;
    const tools = [
      new Vaultik({ directory: join(directory, "vaultik"), tree, s3, settings: { connections } }, program),
      new Restic({ directory: join(directory, "restic"), tree, s3 }),
    ];
    if (run % 2 === 1) tools.reverse();
    for (const tool of tools) runs[tool.name]!.push(await runTool(tool, s3, proxy, tree));
    await Deno.remove(directory, { recursive: true });
  }
  printTable(line, runs);
}

async function runForged(line: Line, work: string, program: readonly string[]): Promise<void> {
  const directory = join(work, "forged");
  await using s3 = await BenchS3.start(versitygw(), join(directory, "s3"));
  const host = await ForgedHost.forge(s3, join(directory, "vaultik"), program);
  await using proxy = new WanProxy(s3.endpoint, line);
  s3.endpoint = proxy.endpoint;
  const restores: OneFile[] = [];
  for (let run = 0; run < Number(values.runs); run++) restores.push(await host.restoreOne());
  await Deno.remove(directory, { recursive: true });
  for (const what of Object.keys(restores[0]!)) {
    const { wallSeconds, requests, peakBytes } = medianCost(restores.map((restore) => restore[what]!));
    const cost = `${seconds(wallSeconds)}, ${requests} requests, ${mebibytes(peakBytes)}`;
    console.log(`\none file of 1,000,000, ${what}: ${cost}`);
  }
}

function printTable(line: Line, runs: Readonly<Record<string, Steps[]>>): void {
  console.log(
    `\n${line.roundTripMs} ms there and back, ${line.bytesPerSecond / 1e6} MB/s a connection, ` +
      `${connections} connections of vaultik; the line's limit is what vaultik moved at their full rate\n`,
  );
  console.log("| step | vaultik | restic | ratio | line's limit | requests | MB | peak memory |");
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const name of Object.keys(runs.vaultik![0]!)) {
    const [ours, theirs] = atLeast(
      2,
      [runs.vaultik!, runs.restic!].map((all) => medianStep(all.map((steps) => steps[name]!))),
    );
    const limit = ours.lineBytes / line.bytesPerSecond / connections + line.roundTripMs / 1000;
    const cells = [
      name,
      seconds(ours.wallSeconds),
      seconds(theirs.wallSeconds),
      (ours.wallSeconds / theirs.wallSeconds).toFixed(2),
      seconds(limit),
      `${ours.requests} : ${theirs.requests}`,
      `${(ours.lineBytes / 1e6).toFixed(1)} : ${(theirs.lineBytes / 1e6).toFixed(1)}`,
      `${mebibytes(ours.peakBytes)} : ${mebibytes(theirs.peakBytes)}`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function medianStep(steps: readonly Step[]): Step {
  return { ...medianCost(steps), lineBytes: median(steps.map(({ lineBytes }) => lineBytes)) };
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`;
}

function versitygw(): string {
  const binary = findVersitygw();
  if (binary !== undefined) return binary;
  throw new Error("Cannot find versitygw: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0");
}

const connections = Number(values.connections);
if (values.help) {
  console.log(HELP);
} else {
  await inScratch(values.work, "wan", async (work) => {
    const program = namedProgram(values.binary);
    makeTree(join(work, "tree"));
    for (const line of values.line.map(parseLine)) {
      if (values.part.includes("compared")) await runLine(line, work, program);
      if (values.part.includes("one-file")) await runForged(line, work, program);
    }
  });
}
