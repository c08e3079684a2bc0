/** What a process that runs for months must not let grow. */
export interface Sample {
  readonly ms: number;
  readonly memory: number;
  readonly descriptors: number;
  readonly threads: number;
  /** The index with its log. */
  readonly index: number;
  /** Manifests and lists that are kept beside it: as many as 256 MiB hold. */
  readonly cache: number;
}

export type Measure = Exclude<keyof Sample, "ms">;

const HOUR_MS = 3_600_000;
const MIB = 2 ** 20;

/**
 * By how much each may grow in an hour: what a collector of garbage, the allocator, and where a sample falls in a run, move a straight line
 * by, and less than what one lost object a run would.
 */
export const BOUNDS: Readonly<Record<Measure, number>> = {
  memory: 12 * MIB,
  descriptors: 2,
  threads: 1,
  index: MIB / 2,
  cache: 2 * MIB,
};

export interface Slope {
  readonly measure: Measure;
  readonly first: number;
  readonly last: number;
  readonly largest: number;
  /** Of the straight line through all samples, by least squares. */
  readonly perHour: number;
  readonly bound: number;
  readonly isFlat: boolean;
}

/** What process `pid` has, and how much is beside its index. */
export function takeSample(pid: number, indexPath: string): Sample {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]);
  return {
    ms: Date.now(),
    memory: number("VmRSS") * 1024,
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
    threads: number("Threads"),
    index: bytesOf(indexPath) + bytesOf(`${indexPath}-wal`),
    cache: bytesOf(`${indexPath}.cache`),
  };
}

/** Of a file, or of all files below a directory; what vanishes meanwhile counts nothing. */
function bytesOf(path: string): number {
  try {
    const { isDirectory, size } = Deno.lstatSync(path);
    if (!isDirectory) return size;
    return [...Deno.readDirSync(path)].reduce((sum, { name }) => sum + bytesOf(`${path}/${name}`), 0);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** The slope of each measure over `samples`, of which there are at least two. */
export function slopesOf(samples: readonly Sample[]): Slope[] {
  const hours = samples.map(({ ms }) => (ms - samples[0]!.ms) / HOUR_MS);
  return (Object.keys(BOUNDS) as Measure[]).map((measure) => {
    const values = samples.map((sample) => sample[measure]);
    const perHour = leastSquares(hours, values);
    const bound = BOUNDS[measure];
    return {
      measure,
      first: values[0]!,
      last: values.at(-1)!,
      largest: values.reduce((a, b) => Math.max(a, b)),
      perHour,
      bound,
      isFlat: perHour <= bound,
    };
  });
}

function leastSquares(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middleX, middleY] = [mean(xs), mean(ys)];
  const over = xs.reduce((sum, x, i) => sum + (x - middleX) * (ys[i]! - middleY), 0);
  return over / xs.reduce((sum, x) => sum + (x - middleX) ** 2, 0);
}
