import { progressCount } from "../base/progress.ts";
import { formatDuration } from "../base/units.ts";
import { endProcess, endUnlessCalledWithin } from "../platform/end_process.ts";

/**
 * A run in which nothing moves for so long hangs. Every call to a store gives up or is tried again far sooner, a slow line moves bytes all the
 * time, and threads tell of what they read.
 */
export const HANG_MS = 30 * 60_000;
/** The event loop of a process that does not hang turns more often. */
export const STANDSTILL_MS = 15 * 60_000;
/** How often that is looked at. */
const LOOK_MS = 10_000;

/** What a watchdog needs of the rest of the world. */
export interface WatchdogParts {
  /** Of a clock that is never set. */
  nowMs(): number;
  /** Grows whenever something moves. */
  progress(): number;
  /** Calls `look` every `ms` until what it returns is called. */
  every(ms: number, look: () => void): () => void;
  /** The process ends unless this is called again within `seconds`; 0 calls it off. */
  endUnlessCalledWithin(seconds: number): void;
  /** Ends the process, as it hangs: `text` says why. */
  end(text: string): void;
}

/**
 * Ends a process that hangs, so that it is started again: a run in which nothing moves, and an event loop that stands still, which is the
 * kernel's to find out. Time in which the process itself was stopped does not count for a run. What a process leaves that ends anywhere,
 * the next one finds sound.
 */
export class Watchdog implements Disposable {
  readonly #parts: WatchdogParts;
  #runs = 0;
  #progress: number;
  #lookedMs: number;
  #stillMs = 0;
  readonly #stop: () => void;

  constructor(parts: WatchdogParts) {
    this.#parts = parts;
    this.#progress = parts.progress();
    this.#lookedMs = parts.nowMs();
    this.#stop = parts.every(LOOK_MS, () => this.#look());
    this.#look();
  }

  /** A run is under way until this is disposed of. */
  watch(): Disposable {
    this.#runs++;
    this.#stillMs = 0;
    return { [Symbol.dispose]: () => void this.#runs-- };
  }

  #look(): void {
    this.#parts.endUnlessCalledWithin(STANDSTILL_MS / 1000);
    const [progress, nowMs] = [this.#parts.progress(), this.#parts.nowMs()];
    const isStill = this.#runs > 0 && progress === this.#progress;
    this.#stillMs = isStill ? this.#stillMs + Math.min(nowMs - this.#lookedMs, 2 * LOOK_MS) : 0;
    [this.#progress, this.#lookedMs] = [progress, nowMs];
    if (this.#stillMs < HANG_MS) return;
    this.#parts.end(`Cannot go on: nothing has moved for ${formatDuration(this.#stillMs)}; the process ends`);
  }

  [Symbol.dispose](): void {
    this.#stop();
    this.#parts.endUnlessCalledWithin(0);
  }
}

/** Watches over this process until it is disposed of; `say` prints a line. */
export function startWatchdog(say: (text: string) => void): Watchdog {
  return new Watchdog({
    nowMs: () => performance.now(),
    progress: progressCount,
    every(ms, look) {
      const timer = setInterval(look, ms);
      Deno.unrefTimer(timer);
      return () => clearInterval(timer);
    },
    endUnlessCalledWithin,
    end(text) {
      say(`vaultik: ${text}\n`);
      endProcess(1);
    },
  });
}
