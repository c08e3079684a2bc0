import { join } from "node:path";
import { parseArgs } from "node:util";
import { seeded } from "../src/base/chance.ts";
import { testSeed } from "../tests/fixtures/random.ts";
import { RunningDaemon } from "../tests/e2e/daemon.ts";
import { changeAndCompare, changeWhileStopped } from "../tests/e2e/daemon_changes.ts";
import { Scene } from "../tests/e2e/vaultik.ts";

const HELP = `Long tests of the daemon; VAULTIK_BINARY names an executable to use.

  memory    what a daemon that watches many directories needs between runs, and by how much that grows
            --directories N (100,000), --runs N (200), --store on the disk of TMPDIR
  changes   random changes, after each burst of which its snapshot must be the tree: --seconds N (600)
  stopped   a daemon stopped while files change: --files N (50,000), --directories N (500)
`;
const CHANGED_FILES = 20;
/** After a run the daemon gives back what it has no use for until the next one. */
const REST_MS = 1_500;
const MIB = 2 ** 20;

/** Bytes of memory that process `pid` has. */
function memoryOf(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
}

/** Least squares: by how much a value grows from one to the next. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const over = values.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  return over / values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
}

function directoryOf(scene: Scene, number: number): string {
  return join(scene.tree, String(Math.floor(number / 300)), String(number % 300));
}

async function soakMemory(directories: number, runs: number): Promise<void> {
  await using scene = await Scene.open("file", { backup_interval: "1d" });
  for (let number = 0; number < directories; number++) {
    Deno.mkdirSync(directoryOf(scene, number), { recursive: true });
  }
  await using daemon = await RunningDaemon.ready(scene);
  const watched = (await daemon.status()).watch!.directories;
  console.log(
    `${watched} directories watched; ${megabytes(memoryOf(daemon.child.pid))} after the first backup`,
  );
  const values: number[] = [];
  for (let run = 1; run <= runs; run++) {
    for (let i = 0; i < CHANGED_FILES; i++) {
      const directory = directoryOf(scene, (run * 997 + i * 4999) % directories);
      Deno.writeTextFileSync(join(directory, `file-${i}`), `${run} ${crypto.randomUUID()}`);
    }
    await daemon.runNow();
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    values.push(memoryOf(daemon.child.pid));
    if (run % Math.ceil(runs / 10) === 0) console.log(`run ${run}: ${megabytes(values.at(-1)!)}`);
  }
  const half = values.slice(values.length >> 1);
  console.log(
    `largest ${megabytes(Math.max(...values))}; growth ${(slope(values) / 1024).toFixed(1)} KiB a run, ` +
      `in the second half ${(slope(half) / 1024).toFixed(1)} KiB`,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

async function main(): Promise<void> {
  const { values, positionals: [what] } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      directories: { type: "string" },
      runs: { type: "string", default: "200" },
      seconds: { type: "string", default: "600" },
      files: { type: "string", default: "50000" },
    },
  });
  switch (what) {
    case "memory":
      return await soakMemory(Number(values.directories ?? 100_000), Number(values.runs));
    case "changes": {
      const seed = testSeed();
      console.log(`VAULTIK_TEST_SEED=${seed}`);
      const rounds = await changeAndCompare(Number(values.seconds), seeded(seed));
      return console.log(`${rounds} times the snapshot was the tree`);
    }
    case "stopped":
      await changeWhileStopped(Number(values.files), Number(values.directories ?? 500));
      return console.log("the snapshot was the tree");
    default:
      console.log(HELP);
  }
}

if (import.meta.main) await main();
