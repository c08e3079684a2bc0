import { displayPath } from "../../model/path.ts";
import type { Totals } from "../../model/snapshot.ts";
import type { Event } from "../../report/events.ts";
import type { Findings } from "./findings.ts";
import type { ReadQueue } from "./read_queue.ts";
import type { ScanCounts } from "./scan_counts.ts";

const PROGRESS_EVERY_MS = 100;

/** Tells how far a scan is, a few times a second. */
export class ScanProgress {
  readonly #report: (event: Event) => void;
  readonly #queue: ReadQueue;
  readonly #findings: Findings;
  readonly #now: () => number;
  /** As much as the last time. */
  readonly #expected: { readonly entries: number; readonly bytes: number } | undefined;
  #reportedMs: number;

  constructor(
    tools: { readonly report: (event: Event) => void; readonly queue: ReadQueue; readonly now: () => number },
    findings: Findings,
    last: Totals | undefined,
  ) {
    this.#report = tools.report;
    this.#queue = tools.queue;
    this.#now = tools.now;
    this.#findings = findings;
    this.#expected = last &&
      { entries: last.files + last.directories + last.others, bytes: last.bytes };
    this.#reportedMs = this.#now();
  }

  /** To be called often. */
  step(counts: ScanCounts): void {
    const nowMs = this.#now();
    if (nowMs - this.#reportedMs < PROGRESS_EVERY_MS) return;
    this.#reportedMs = nowMs;
    this.tell(counts, false);
  }

  /** `allKnown`: nothing more will be found. */
  tell(counts: ScanCounts, allKnown: boolean): void {
    const { path, bytesBeingRead, bytesNew } = this.#queue;
    this.#report({
      kind: "progress",
      progress: {
        stage: "backup",
        entriesDone: counts.entriesDone,
        entriesRead: Math.max(counts.entriesDone, counts.filesRead),
        entriesFound: counts.entriesFound,
        bytesDone: Math.min(counts.bytesFound, counts.bytesDone + bytesBeingRead),
        bytesFound: counts.bytesFound,
        allKnown,
        expected: this.#expected,
        bytesNew,
        path: path === undefined ? undefined : displayPath(path),
        bytesTransferred: 0,
        errors: this.#findings.unreadableFiles.size,
      },
    });
  }
}
