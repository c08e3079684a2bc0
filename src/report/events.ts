/** What happens during an operation, for whoever renders it: text, JSON, metrics, tests. */
export type Event =
  | { readonly kind: "progress"; readonly progress: Progress }
  | { readonly kind: "file-unreadable"; readonly path: string; readonly reason: string }
  | { readonly kind: "file-changed"; readonly path: string }
  | { readonly kind: "entry-skipped"; readonly path: string; readonly reason: string }
  | { readonly kind: "file-damaged"; readonly path: string; readonly reason: string }
  | { readonly kind: "file-not-restored"; readonly path: string; readonly reason: string }
  | {
    readonly kind: "metadata-not-set";
    readonly what: string;
    readonly path: string;
    readonly reason: string;
  }
  | {
    readonly kind: "metadata-not-read";
    readonly what: string;
    readonly path: string;
    readonly reason: string;
  }
  | { readonly kind: "retrying"; readonly what: string; readonly delayMs: number; readonly cause: unknown }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "warning"; readonly text: string };

/** Counters of a running operation; they only grow. */
export interface Progress {
  readonly stage:
    | "scan"
    | "backup"
    | "pages"
    | "plan"
    | "restore"
    | "verify"
    | "copy"
    | "index"
    | "survey"
    | "prune"
    | "drill"
    | "objects";
  /** Entries finished, and how many are known of so far (`allKnown` says whether that is all). */
  readonly entriesDone: number;
  readonly entriesFound: number;
  /** Those that are finished but for what is on its way to the store; not less than are finished. */
  readonly entriesRead?: number;
  /** Plain bytes finished and known of. */
  readonly bytesDone: number;
  readonly bytesFound: number;
  readonly allKnown: boolean;
  /** What there probably is, while not all is known: as much as the last time, or as a quick count has found. */
  readonly expected?: { readonly entries: number; readonly bytes: number };
  /** Plain bytes that the store did not have. */
  readonly bytesNew?: number;
  /** Bytes that are read but not in the store yet. */
  readonly bytesPending?: number;
  /** The file at hand. */
  readonly path?: string;
  /** Bytes sent to or fetched from the store. */
  readonly bytesTransferred: number;
  readonly errors: number;
}

/** Must not throw and must not block: it is called from the hot path. */
export type Report = (event: Event) => void;

export const silent: Report = () => {};
