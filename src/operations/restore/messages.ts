import type { Entry, Place } from "../../model/entry.ts";
import type { Path } from "../../model/path.ts";
import type { PageRef } from "../../model/snapshot.ts";
import type { Relocations } from "../relocations.ts";

/** What a writer must know to begin. */
export interface WriterOptions {
  /** Where entries are written. */
  readonly target: Path;
  /** What to restore; none means all. */
  readonly paths: readonly Path[];
  /** Stored sizes by object name. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly relocations: Relocations;
}

export interface Damage {
  readonly path: Path;
  readonly reason: string;
}

/** What came of some pages. */
export interface PagesOutcome {
  readonly files: number;
  readonly others: number;
  /** Devices that this user may not make. */
  readonly notMade: number;
  readonly bytes: number;
  readonly damaged: readonly Damage[];
  /** In order; their attributes are set when all else is done. */
  readonly directories: readonly Entry[];
  /** Made when the files they name are. */
  readonly links: readonly Entry[];
  /** Made with their full size; their contents are written in parts. */
  readonly large: readonly Entry[];
}

/** A chunk and where in the file it goes. */
export interface Part extends Place {
  readonly at: number;
}

export interface PartsRequest {
  readonly entry: Entry;
  readonly parts: readonly Part[];
}

export interface PagesRequest {
  readonly pages: readonly PageRef[];
}
