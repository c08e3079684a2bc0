import { displayPath, type Path } from "../../model/path.ts";
import type { Event } from "../../report/events.ts";
import type { ScanEvents } from "./backup_scan.ts";

/** What a scan could not do as it should, told once and kept for the summary. */
export class Findings implements ScanEvents {
  /** Reasons by path. */
  readonly unreadableFiles = new Map<Path, string>();
  readonly changedFiles = new Set<Path>();
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

  changed(path: Path): void {
    if (this.changedFiles.has(path)) return;
    this.changedFiles.add(path);
    this.#report({ kind: "file-changed", path: displayPath(path) });
  }
}
