import { displayPath, type Path } from "../../model/path.ts";
import type { Event } from "../../report/events.ts";
import type { ScanEvents } from "../../scan/scan_events.ts";

/** What a scan could not do as it should, reported once and kept for the summary. */
export class Findings implements ScanEvents {
  /** Reasons by path. */
  readonly unreadableFiles = new Map<Path, string>();
  readonly changedFiles = new Set<Path>();
  /** Attributes of entries that are in the backup without them. */
  lostAttributes = 0;
  /** Entries left out because of the options. */
  excluded = 0;
  readonly #attributeFaults = new Set<string>();
  readonly #report: (event: Event) => void;

  constructor(report: (event: Event) => void) {
    this.#report = report;
  }

  unreadable(path: Path, reason: string): void {
    if (this.unreadableFiles.has(path)) return;
    this.unreadableFiles.set(path, reason);
    this.#report({ kind: "file-unreadable", path: displayPath(path), reason });
  }

  skipped(path: Path, reason: string): void {
    this.#report({ kind: "entry-skipped", path: displayPath(path), reason });
  }

  otherLength(path: Path, length: number): void {
    const size = length === 1 ? "1 byte" : `${length} bytes`;
    const text = `"${
      displayPath(path)
    }" has ${size}, which is not what its file system says; all of it is stored`;
    this.#report({ kind: "note", text });
  }

  /** Reported once for each attribute and reason: what one file of a file system has, most of them have. */
  attributeLost(path: Path, what: string, reason: string): void {
    this.lostAttributes++;
    const fault = `${what}: ${reason}`;
    if (this.#attributeFaults.has(fault)) return;
    this.#attributeFaults.add(fault);
    this.#report({ kind: "metadata-not-read", what, path: displayPath(path), reason });
  }

  changed(path: Path): void {
    if (this.changedFiles.has(path)) return;
    this.changedFiles.add(path);
    this.#report({ kind: "file-changed", path: displayPath(path) });
  }
}
