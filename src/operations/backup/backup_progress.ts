import type { Progress, Report } from "../../report/events.ts";
import type { Uploader } from "../../write/uploader.ts";
import type { AheadCount } from "./ahead_count.ts";

const EVERY_MS = 500;
/** What is done by then needs no count. */
const COUNT_AFTER_MS = 2_000;
/** A count begins so long before someone looks on. */
const COUNT_LEAD_MS = 5_000;

const NOTHING_YET: Progress = {
  stage: "scan",
  entriesDone: 0,
  entriesFound: 0,
  bytesDone: 0,
  bytesFound: 0,
  allKnown: false,
  bytesTransferred: 0,
  errors: 0,
};

/** Tells how far a backup is: what the scan says, with what is sent; again and again, also while nothing is read because the line is slow. */
export class BackupProgress {
  readonly #report: Report;
  readonly #uploader: Pick<Uploader, "bytesUploaded" | "bytesPending">;
  readonly #ahead: Pick<AheadCount, "begin" | "counted"> | undefined;
  readonly #countAfterMs: number;
  #last = NOTHING_YET;
  #repeats = 0;

  /** `ahead` counts where the scan does not know how much to expect, in time for who looks on from `seenAfterMs` on. */
  constructor(
    report: Report,
    uploader: Pick<Uploader, "bytesUploaded" | "bytesPending">,
    ahead?: Pick<AheadCount, "begin" | "counted">,
    seenAfterMs = 0,
  ) {
    this.#countAfterMs = Math.max(COUNT_AFTER_MS, seenAfterMs - COUNT_LEAD_MS);
    this.#report = report;
    this.#uploader = uploader;
    this.#ahead = ahead;
  }

  /** Until it is disposed of. */
  start(): Disposable {
    const timer = setInterval(() => this.repeat(), EVERY_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  /** The last one, with what was sent since; of a backup that takes a while, what is ahead is counted. */
  repeat(): void {
    const { stage, allKnown, expected } = this.#last;
    this.#repeats++;
    const isLong = this.#repeats * EVERY_MS >= this.#countAfterMs && stage === "backup" && !allKnown;
    if (isLong && expected === undefined) this.#ahead?.begin();
    this.tell(this.#last);
  }

  tell(progress: Progress): void {
    const { bytesUploaded, bytesPending } = this.#uploader;
    this.#last = progress;
    const expected = progress.expected ?? this.#ahead?.counted;
    this.#report({
      kind: "progress",
      progress: { ...progress, expected, bytesTransferred: bytesUploaded, bytesPending },
    });
  }
}
