import { delay } from "../base/clock.ts";
import { Mutex } from "../base/mutex.ts";
import { noteProgress } from "../base/progress.ts";
import { TokenBucket } from "../base/token_bucket.ts";
import { type BandwidthLimits, type Rates, ratesAt } from "../model/bandwidth.ts";

export interface PacerTiming {
  now(): Date;
  /** Rejects with the signal's reason when it fires. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface PaceOptions {
  readonly signal?: AbortSignal;
  /** Called from time to time while a piece has to wait, so that no one takes it for a line that does not move. */
  progress?(): void;
}

/** What is sent and received at once under a limit: small, so that many calls share a slow line and none of them stalls. */
export const PACED_PIECE_BYTES = 32 * 1024;
/** No pause is longer without a look at the schedule. */
const STEP_MS = 1_000;
const PROGRESS_MS = 250;

/** Holds back what goes to and comes from stores, so that all of it together keeps to the limits. */
export class Pacer {
  readonly #limits: BandwidthLimits;
  readonly #timing: PacerTiming;
  readonly #lanes = {
    upload: { bucket: new TokenBucket(), turn: new Mutex() },
    download: { bucket: new TokenBucket(), turn: new Mutex() },
  };

  constructor(limits: BandwidthLimits, timing: PacerTiming = { now: () => new Date(), sleep: delay }) {
    this.#limits = limits;
    this.#timing = timing;
  }

  /** Resolves when `bytes` more may be sent. */
  upload(bytes: number, options: PaceOptions = {}): Promise<void> {
    return this.#pass("upload", bytes, options);
  }

  /** Resolves when `bytes` that came are paid for. */
  download(bytes: number, options: PaceOptions = {}): Promise<void> {
    return this.#pass("download", bytes, options);
  }

  /** Pieces go in the order of asking, and each waits for the debt of those before it. */
  async #pass(lane: keyof Rates, bytes: number, { signal, progress }: PaceOptions): Promise<void> {
    const { bucket, turn } = this.#lanes[lane];
    const timer = progress && setInterval(progress, PROGRESS_MS);
    try {
      await turn.run(async () => {
        for (let leftMs = this.#delayMs(lane); leftMs > 0; leftMs = this.#delayMs(lane)) {
          noteProgress();
          await this.#timing.sleep(Math.min(Math.ceil(leftMs), STEP_MS), signal);
        }
        bucket.spend(bytes);
      });
    } finally {
      clearInterval(timer);
    }
  }

  #delayMs(lane: keyof Rates): number {
    const now = this.#timing.now();
    return this.#lanes[lane].bucket.delayMs(now.getTime(), ratesAt(this.#limits, now)[lane]);
  }
}
