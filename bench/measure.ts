/** What one run of a command cost; memory is that of the largest process of its tree. */
export interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  /** That an S3 server answered meanwhile. */
  readonly requests?: number;
}

/** A run of a command that has ended well. */
export interface Measured extends Cost {
  readonly stdout: string;
}

/** wait4() is the one call that gives CPU time and peak memory of exactly this child; Deno does not offer it. */
const WRAPPER = `
import json, os, sys, time
start = time.monotonic()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as out:
    json.dump({"wallSeconds": time.monotonic() - start, "cpuSeconds": usage.ru_utime + usage.ru_stime,
               "peakBytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)}, out)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

/** Runs `command` to its end; throws with its output where it fails. */
export async function measure(
  command: readonly string[],
  options: { readonly env?: Record<string, string>; readonly cwd?: string } = {},
): Promise<Measured> {
  const result = await Deno.makeTempFile({ prefix: "vaultik-cost-" });
  try {
    const { code, stdout, stderr } = await new Deno.Command("python3", {
      args: ["-c", WRAPPER, result, ...command],
      stdin: "null",
      ...options,
    }).output();
    if (code !== 0) {
      const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      throw new Error(`Exit code ${code}: ${command.join(" ")}\n${output.slice(-2000)}`);
    }
    const cost: Cost = JSON.parse(await Deno.readTextFile(result));
    return { ...cost, stdout: new TextDecoder().decode(stdout) };
  } finally {
    await Deno.remove(result);
  }
}

/** Of each figure by itself. */
export function medianCost(costs: readonly Cost[]): Cost {
  const of = (figure: keyof Cost) => median(costs.map((cost) => cost[figure] ?? 0));
  return {
    wallSeconds: of("wallSeconds"),
    cpuSeconds: of("cpuSeconds"),
    peakBytes: of("peakBytes"),
    requests: costs.every(({ requests }) => requests === undefined) ? undefined : of("requests"),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Nothing is left to be written, and what the next step reads is in memory: some kernels drop it after a minute. */
export async function settle(...paths: string[]): Promise<void> {
  await new Deno.Command("sync").output();
  const read = 'for p; do [ ! -e "$p" ] || find "$p" -type f -exec cat {} + > /dev/null; done';
  await measure(["sh", "-c", read, "sh", ...paths]);
}

/** Takes what the kernel keeps of files out of memory; false where that is not allowed. What is below this machine may still have it. */
export async function dropCaches(): Promise<boolean> {
  await new Deno.Command("sync").output();
  try {
    await Deno.writeTextFile("/proc/sys/vm/drop_caches", "3");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
