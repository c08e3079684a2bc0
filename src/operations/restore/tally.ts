import { displayPath, type Path } from "../../model/path.ts";
import type { Tools } from "../../read/tools.ts";
import type { Change, Loss } from "./messages.ts";

const PROGRESS_EVERY_MS = 100;

/** A file that was not restored, and why. */
export interface NotRestored {
  readonly path: string;
  readonly reason: string;
}

/** Counts what a restore does, and reports it. */
export class Tally {
  files = 0;
  directories = 0;
  others = 0;
  notMade = 0;
  deleted = 0;
  /** Entries that are as they should be, or may not be touched. */
  kept = 0;
  /** What a dry run has found. */
  readonly changes: Change[] = [];
  bytes = 0;
  filesPlanned = 0;
  bytesPlanned = 0;
  /** Whether all that is to be done is planned. */
  allPlanned = false;
  /** What there is to do where that is the whole snapshot. */
  expected: { readonly entries: number; readonly bytes: number } | undefined;
  /** What is being restored. */
  path: Path | undefined;
  /** By stored data. */
  readonly damaged: NotRestored[] = [];
  /** By this machine. */
  readonly failed: NotRestored[] = [];
  readonly #tools: Tools;
  readonly #bytesFetched: () => number;
  #reportedMs = 0;

  constructor(tools: Tools, bytesFetched: () => number) {
    this.#tools = tools;
    this.#bytesFetched = bytesFetched;
  }

  lose(losses: readonly Loss[]): void {
    for (const { path, reason, first, ...loss } of losses) {
      const lost = { path: displayPath(path), reason };
      // Where this machine could not write the first name, it is no damage that the second has nothing to refer to.
      const isDamage = loss.isDamage && (first === undefined || !this.#hasFailed(displayPath(first)));
      (isDamage ? this.damaged : this.failed).push(lost);
      this.#tools.report({ kind: isDamage ? "file-damaged" : "file-not-restored", ...lost });
    }
  }

  #hasFailed(wanted: string): boolean {
    return this.failed.some(({ path }) => path === wanted);
  }

  progress(): void {
    const now = this.#tools.now().getTime();
    if (now - this.#reportedMs < PROGRESS_EVERY_MS) return;
    this.#reportedMs = now;
    this.#tools.report({
      kind: "progress",
      progress: {
        stage: "restore",
        entriesDone: this.files + this.damaged.length,
        entriesFound: this.filesPlanned,
        bytesDone: this.bytes,
        bytesFound: this.bytesPlanned,
        allKnown: this.allPlanned,
        expected: this.expected,
        path: this.path === undefined ? undefined : displayPath(this.path),
        bytesTransferred: this.#bytesFetched(),
        errors: this.damaged.length + this.failed.length,
      },
    });
  }
}
