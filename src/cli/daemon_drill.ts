import { seeded } from "../base/chance.ts";
import { RefusedError } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import { knownDrills } from "../operations/drill/records.ts";
import { drillThisHost, keepDrill, measureDrill, newSeed, showDrill } from "./drilled.ts";
import type { Output } from "./output.ts";
import type { Metrics } from "./run_metrics.ts";
import { noticeOfDrill } from "./run_notices.ts";
import { ownHost, type Session } from "./session.ts";

const HOUR_MS = 3_600_000;

/** The drills without a key that a daemon makes so that the promised interval is kept. */
export class DaemonDrill {
  /** Before then nothing is due. */
  #notBeforeMs = -Infinity;

  isDue({ drill: { intervalMs } }: Config, nowMs: number): boolean {
    if (intervalMs === undefined) return false;
    // A clock that was set back is no reason to wait for longer.
    return nowMs >= this.#notBeforeMs || nowMs < this.#notBeforeMs - intervalMs;
  }

  /** Makes one, unless the store has one that is young enough, of whoever made it. Where it fails it is due again within an hour. */
  async make(tools: Session, config: Config, output: Output, metrics: Metrics): Promise<void> {
    const intervalMs = config.drill.intervalMs!;
    const nowMs = tools.now().getTime();
    this.#notBeforeMs = nowMs + Math.min(HOUR_MS, intervalMs);
    const lastMs = await lastDrillMs(tools);
    if (lastMs === undefined || nowMs >= lastMs + intervalMs) {
      const seed = newSeed();
      const { files, bytes } = config.drill;
      const { host, summary } = await drillThisHost(tools, config, { files, bytes, random: seeded(seed) });
      await keepDrill(host, config, summary, []);
      measureDrill(tools, config, summary, metrics);
      showDrill(summary, seed, output, tools.traffic.take());
      await noticeOfDrill(config, summary, tools.report);
      this.#notBeforeMs = nowMs + intervalMs;
    } else this.#notBeforeMs = lastMs + intervalMs;
  }
}

/** `undefined` where there is none, or the credentials of this machine may not see it. */
async function lastDrillMs(tools: Session): Promise<number | undefined> {
  try {
    const { source } = await knownDrills(ownHost(tools));
    return source === undefined ? undefined : Date.parse(source.last.finishedAt);
  } catch (error) {
    if (error instanceof RefusedError) return undefined;
    throw error;
  }
}
