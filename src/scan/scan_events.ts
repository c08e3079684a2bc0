import type { Path } from "../model/path.ts";

/** What is reported of a running scan. */
export interface ScanEvents {
  unreadable(path: Path, reason: string): void;
  skipped(path: Path, reason: string): void;
  changed(path: Path): void;
  /** It has `length` bytes, and its file system says otherwise. */
  otherLength(path: Path, length: number): void;
  attributeLost(path: Path, what: string, reason: string): void;
}

/** What is reported of an entry when it is described. */
export type EntryEvents = Pick<ScanEvents, "unreadable" | "attributeLost">;
