import type { Settings } from "./schema.ts";

/** What a drill looks at. */
export interface DrillConfig {
  readonly files: number;
  readonly bytes: number;
  /** Paths that every drill with an identity restores. */
  readonly canaries: readonly string[];
  /** Commands that look at what was restored. */
  readonly verify: readonly {
    readonly path: string;
    /** A program and its arguments. */
    readonly command: readonly string[];
    readonly timeoutMs: number;
  }[];
  /** How often a drill is promised; absent: never. */
  readonly intervalMs?: number;
}

/** Without a configuration. */
export const DEFAULT_DRILL: DrillConfig = { files: 20, bytes: 64 * 2 ** 20, canaries: [], verify: [] };

export function drillConfig({ drill }: Settings): DrillConfig {
  const { files, bytes, canaries, verify, interval } = drill;
  return {
    files,
    bytes,
    canaries,
    verify: verify.map(({ path, command, timeout }) => ({ path, command, timeoutMs: timeout })),
    ...interval === undefined ? {} : { intervalMs: interval },
  };
}
