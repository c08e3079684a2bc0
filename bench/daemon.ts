import { existsSync } from "node:fs";
import assert from "node:assert/strict";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { RunningDaemon } from "../tests/e2e/daemon.ts";
import { programWords } from "../tests/e2e/vaultik.ts";
import { hasStrace, type SystemCall, traceProcess, traceUnder } from "../tests/fixtures/system_calls.ts";
import { ChangingTree } from "./changing_tree.ts";
import { median, settle } from "./measure.ts";
import { Restic, type Tool, Vaultik } from "./tools.ts";

const HELP = `Times the running daemon's backup of 20 changed files, against a scan of everything and restic.

  --files N      files in the tree, 50 in a directory (default 1,000,000)
  --runs N       runs of the daemon when it is asked; medians are shown (default 5)
  --scheduled N  and when its schedule says, which takes a minute each (default 2)
  --work DIR     for all that is written, on the disk to measure (default: dist/bench)
  --keep         leave what was made in DIR/daemon, and take what is there already
  --no-restic    without restic
VAULTIK_BINARY names an executable to use; otherwise the program runs from its source.
`;
const CHANGED_FILES = 20;
/** The daemon has made backups before. */
const WARM_RUNS = 3;
/** A change so soon before a backup is looked at again by the next one. */
const SETTLE_MS = 100;
/** By its schedule the daemon waits this long after a change for others. */
const QUIET_MS = 5_000;
const SCHEDULED_RUN = /Running scheduled backup \(20 changes detected\)\.\.\.[^]*?Backup complete/;
const SETTINGS = { backup_interval: "1m", min_time_between_run: "1s" };

interface Row {
  readonly name: string;
  readonly seconds: number;
  /** `undefined` where that was not traced. */
  readonly directoriesRead?: number;
}

/** The daemon that watches a tree. */
class DaemonBench {
  readonly #daemon: RunningDaemon;
  readonly #tree: ChangingTree;
  /** What a run reads besides the tree. */
  readonly #files: readonly string[];
  #scheduled = 0;

  constructor(daemon: RunningDaemon, tree: ChangingTree, files: readonly string[]) {
    this.#daemon = daemon;
    this.#tree = tree;
    this.#files = files;
  }

  /** Seconds of a run on request: as the daemon reports them, and from the question to the answer. */
  async runAsked(): Promise<{ readonly reported: number; readonly answered: number }> {
    await this.#change();
    const startMs = performance.now();
    await this.#daemon.runNow();
    const answered = (performance.now() - startMs) / 1000;
    return { reported: await this.#reported(), answered };
  }

  /** Seconds of a run by the schedule, as the daemon reports them. */
  async runScheduled(): Promise<number> {
    const { nextRunAt } = await this.#daemon.status();
    await sleep(Date.parse(nextRunAt!) - Date.now() - QUIET_MS - 2_000);
    await this.#change();
    await this.#daemon.says(SCHEDULED_RUN, this.#scheduled++);
    return await this.#reported();
  }

  /** The system calls about the tree that a run makes. Fails unless it reads the changed directories and no other one. */
  async traceRun(): Promise<SystemCall[]> {
    const changed = await this.#change();
    const { pid } = this.#daemon.child;
    const calls = await traceProcess(["%file", "getdents64"], pid, () => this.#daemon.runNow());
    const read = [...directoriesRead(calls, this.#tree)].sort();
    assert.deepEqual(read, changed.sort(), "The daemon read other directories than those with changes");
    return calls.filter(({ path }) => path.startsWith(this.#tree.root));
  }

  async #change(): Promise<string[]> {
    await settle(...this.#files);
    const changed = this.#tree.change(CHANGED_FILES);
    await sleep(SETTLE_MS);
    return changed;
  }

  async #reported(): Promise<number> {
    const { durationMs, outcome } = (await this.#daemon.status()).lastRun!;
    assert.equal(outcome, "complete", this.#daemon.output);
    return durationMs / 1000;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

function directoriesRead(calls: readonly SystemCall[], { root }: ChangingTree): Set<string> {
  const read = calls.filter(({ name, path }) => name === "getdents64" && path.startsWith(root));
  return new Set(read.map(({ path }) => path));
}

function summarize(name: string, seconds: readonly number[]): Row {
  console.error(`${name}: ${seconds.map((value) => value.toFixed(3)).join(" ")} s`);
  return { name, seconds: median(seconds) };
}

async function repeat<T>(runs: number, run: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  while (results.length < runs) results.push(await run());
  return results;
}

async function timeDaemon(
  vaultik: Vaultik,
  tree: ChangingTree,
  runs: { readonly asked: number; readonly scheduled: number },
): Promise<Row[]> {
  await using daemon = await RunningDaemon.ready(vaultik);
  const files = [dirname(vaultik.index), programWords()[0]!];
  const bench = new DaemonBench(daemon, tree, files);
  await repeat(WARM_RUNS, () => bench.runAsked());
  const asked = await repeat(runs.asked, () => bench.runAsked());
  const scheduled = await repeat(runs.scheduled, () => bench.runScheduled());
  const row = summarize("the daemon, asked to run", asked.map(({ reported }) => reported));
  const others = [
    summarize("… from the question to the answer", asked.map(({ answered }) => answered)),
    ...scheduled.length === 0 ? [] : [summarize("the daemon, by its schedule", scheduled)],
  ];
  if (!hasStrace()) return [row, ...others];
  const calls = await bench.traceRun();
  console.error("system calls of the daemon's run about the tree:", count(calls));
  return [{ ...row, directoriesRead: directoriesRead(calls, tree).size }, ...others];
}

function count(calls: readonly SystemCall[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of calls) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** A backup by a tool that looks at everything. */
async function timeScan(name: string, tool: Tool, tree: ChangingTree, runs: number): Promise<Row> {
  const change = async () => {
    await settle(tool.repository);
    await tree.look();
    tree.change(CHANGED_FILES);
  };
  const costs = await repeat(runs, async () => (await change(), await tool.backUp()));
  const row = summarize(name, costs.map(({ wallSeconds }) => wallSeconds));
  if (!hasStrace()) return row;
  await change();
  const { calls } = await traceUnder(["getdents64"], (strace) => tool.backUp(strace));
  return { ...row, directoriesRead: directoriesRead(calls, tree).size };
}

async function timeRestic(restic: Restic, tree: ChangingTree): Promise<Row> {
  if (!existsSync(restic.repository)) {
    await restic.prepare();
    await restic.backUp();
  }
  return await timeScan("restic", restic, tree, 1);
}

function printTable(files: number, rows: readonly Row[]): void {
  console.log(
    `| ${CHANGED_FILES} of ${files.toLocaleString("en")} files changed | wall | ratio | directories read |`,
  );
  console.log("| --- | ---: | ---: | ---: |");
  for (const { name, seconds, directoriesRead } of rows) {
    const cells = [
      name,
      `${seconds.toFixed(3)} s`,
      (seconds / rows[0]!.seconds).toFixed(1),
      directoriesRead ?? "",
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      files: { type: "string", default: "1000000" },
      runs: { type: "string", default: "5" },
      scheduled: { type: "string", default: "2" },
      work: { type: "string" },
      keep: { type: "boolean" },
      "no-restic": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(HELP);
  const base = resolve(values.work ?? fileURLToPath(new URL("../dist/bench", import.meta.url)));
  const work = join(base, "daemon");
  const files = Number(values.files);
  const tree = new ChangingTree(join(work, "tree"), files);
  const options = (name: string) => ({ directory: join(work, name), tree: tree.root, s3: undefined });
  const vaultik = new Vaultik(options("vaultik"), programWords());
  try {
    if (!existsSync(tree.root)) tree.make();
    if (!existsSync(vaultik.config)) await vaultik.prepare(SETTINGS);
    const runs = { asked: Number(values.runs), scheduled: Number(values.scheduled) };
    const rows = await timeDaemon(vaultik, tree, runs);
    rows.push(await timeScan("vaultik snapshot create", vaultik, tree, 3));
    if (!values["no-restic"]) rows.push(await timeRestic(new Restic(options("restic")), tree));
    printTable(files, rows);
  } finally {
    if (!values.keep) await Deno.remove(work, { recursive: true });
  }
}

if (import.meta.main) await main();
