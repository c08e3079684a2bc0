import fc from "fast-check";
import { parseArgs } from "node:util";
import { TARGETS } from "../tests/fuzz/targets.ts";
import type { Target } from "../tests/fuzz/target.ts";

const INPUTS_A_BATCH = 200;
/** What packages do by the way, as setting up a key, ends in this time and lets go of its memory. */
const SETTLE_MS = 50;
const INPUT_CPU_MS_MAX = 3_000;
/** What a batch counts at most: longer ones were paused from outside. */
const BATCH_MS_MAX = 30_000;
const GROWTH_MAX = 256 << 20;

const HELP = `deno task fuzz [TARGET|all] [MINUTES=10] [--seed N]
  Tries inputs at random until the time is over, and prints the smallest that shows a fault. One input may take ${
  INPUT_CPU_MS_MAX / 1000
} s of
  CPU, and all together 256 MiB more memory than the program had. Time in which the process is paused (SIGSTOP) does not count.`;

/** Of this process: in memory now, or the most since {@link resetPeak}. */
function memoryBytes(which: "VmRSS" | "VmHWM"): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Number(new RegExp(`${which}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
}

function mebibytes(bytes: number): string {
  return `${bytes < 0 ? "" : "+"}${(bytes / 2 ** 20).toFixed()} MiB`;
}

function resetPeak(): void {
  Deno.writeTextFileSync("/proc/self/clear_refs", "5");
}

/** Whether nothing was found. */
async function search(target: Target, minutes: number, seed: number): Promise<boolean> {
  await target.try({ seed: 1, numRuns: INPUTS_A_BATCH }); // all code is compiled, and what is kept is there
  resetPeak();
  const before = memoryBytes("VmRSS");
  let [inputs, slowestMs, grown, halfway, ranMs] = [0, 0, 0, 0, 0];
  const observe = (cpuMs: number) => {
    inputs++;
    slowestMs = Math.max(slowestMs, cpuMs);
  };
  const say = (what: string) =>
    console.log(
      `${target.name}: ${what}; ${inputs} inputs, the slowest ${slowestMs.toFixed()} ms of CPU, memory ${
        mebibytes(grown)
      } at most, ${mebibytes(halfway)} after half of the time, ${
        mebibytes(memoryBytes("VmRSS") - before)
      } at the end`,
    );
  for (; ranMs < minutes * 60_000; seed++) {
    const startMs = performance.now();
    const details = await target.try({ seed, numRuns: INPUTS_A_BATCH }, observe);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    (globalThis as unknown as { gc?: () => void }).gc?.();
    ranMs += Math.min(performance.now() - startMs, BATCH_MS_MAX);
    grown = Math.max(grown, memoryBytes("VmHWM") - before);
    if (ranMs < minutes * 30_000) halfway = memoryBytes("VmRSS") - before;
    const fault = details.failed
      ? fc.defaultReportMessage(details) + `\n${(details.errorInstance as Error)?.stack}`
      : slowestMs > INPUT_CPU_MS_MAX
      ? `an input of seed ${seed} took too long`
      : grown > GROWTH_MAX
      ? `inputs of seed ${seed} took too much memory`
      : undefined;
    if (fault === undefined) continue;
    say(`FOUND by seed ${seed}: ${fault}`);
    return false;
  }
  say(`nothing found in ${minutes} minutes`);
  return true;
}

if (import.meta.main) {
  const { values, positionals: [name = "all", minutes = "10"] } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { seed: { type: "string", default: String(Date.now() % 2 ** 31) }, help: { type: "boolean" } },
  });
  const targets = TARGETS.filter((target) => name === "all" || target.name === name);
  if (values.help || targets.length === 0) {
    console.log(`${HELP}\nTargets: ${TARGETS.map(({ name }) => name).join(", ")}`);
    Deno.exit(values.help ? 0 : 2);
  }
  let isSound = true;
  for (const target of targets) {
    isSound = await search(target, Number(minutes), Number(values.seed)) && isSound;
  }
  Deno.exit(isSound ? 0 : 1);
}
