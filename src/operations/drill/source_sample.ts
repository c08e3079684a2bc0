import { drawNumbers, type Random, shuffled } from "../../base/chance.ts";
import { fromHex } from "../../base/bytes.ts";
import type { Index } from "../../index/index.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath } from "../../model/path.ts";
import { readStamps, stampOf } from "../../scan/page_stamps.ts";
import { pageLines } from "../backup/earlier_pages.ts";
import type { DrillFindings } from "./findings.ts";

/** A file of the last backup, and its stamp then. */
export interface SampledFile {
  readonly entry: Entry;
  readonly stamp: Uint8Array;
}

/** Pages that are opened; each has a thousand entries on average. */
const PAGES_MAX = 16;
/** Files drawn for each that is to be compared. */
const SPARE = 4;

/**
 * Draws files of the last backups of the source sets called `names` from the index, in an order at random, and looks their chunks up in it.
 * They are more than `count`: some may have changed since.
 */
export function drawFromIndex(
  index: Index,
  names: readonly string[],
  count: number,
  random: Random,
  findings: DrillFindings,
): SampledFile[] {
  const pages = names.flatMap((name) => index.pages.last(name)?.pages ?? [])
    .filter((page) => page.files > 0);
  const drawn = drawNumbers(pages.length, PAGES_MAX, random).map((i) => pages[i]);
  const files = drawn.flatMap(({ number, firstPath, length }) => {
    const stamped = readStamps(index.pages.stamps(number), firstPath);
    return pageLines(index.pages.frame(number), length).flatMap((line, i) =>
      line.kind === "file" ? [{ line, stamp: stampOf(stamped[i]) }] : []
    );
  });
  const chosen: SampledFile[] = [];
  for (const { line, stamp } of shuffled(files, random)) {
    if (chosen.length === count * SPARE) break;
    const entry = line.decode();
    if (!entry.chunks?.length && entry.lists === undefined) continue;
    lookUp(index, entry, findings);
    chosen.push({ entry, stamp: stamp.slice() });
  }
  return chosen;
}

/** Whether the index has a place for each chunk: what it forgets would be stored again, what it has wrong would be lost. */
function lookUp(index: Index, { path, chunks }: Entry, findings: DrillFindings): void {
  for (const { id, length } of chunks ?? []) {
    const place = index.blobs.locate("blobs", fromHex(id));
    if (place?.length === length) continue;
    return findings.problem(displayPath(path), `has chunk ${id}, which the index has no place of`);
  }
}
