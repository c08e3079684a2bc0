import type { Progress, Report } from "../../report/events.ts";
import type { Uploader } from "../../write/uploader.ts";

const EVERY_MS = 500;

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
  #last = NOTHING_YET;

  constructor(report: Report, uploader: Pick<Uploader, "bytesUploaded" | "bytesPending">) {
    this.#report = report;
    this.#uploader = uploader;
  }

  /** Until it is disposed of. */
  start(): Disposable {
    const timer = setInterval(() => this.tell(this.#last), EVERY_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  tell(progress: Progress): void {
    const { bytesUploaded, bytesPending } = this.#uploader;
    this.#last = progress;
    this.#report({
      kind: "progress",
      progress: { ...progress, bytesTransferred: bytesUploaded, bytesPending },
    });
  }
}
