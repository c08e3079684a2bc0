import { drawNumbers, type Random, shuffled } from "../../base/chance.ts";
import { fromHex } from "../../base/bytes.ts";
import type { Index } from "../../index/index.ts";
import type { LastPage } from "../../index/known_page.ts";
import type { Entry, Place } from "../../model/entry.ts";
import { displayPath } from "../../model/path.ts";
import { readStamps, stampOf } from "../../scan/page_stamps.ts";
import { pageLines } from "../backup/earlier_pages.ts";
import type { DrillFindings } from "./findings.ts";

/** A file of the last backup, and its stamp then. */
export interface SampledFile {
  readonly entry: Entry;
  readonly stamp: Uint8Array;
}

export interface SourceSample {
  /** In an order at random, more than are to be compared: some may have changed since. */
  readonly files: readonly SampledFile[];
  /** Where the store has the pages that they are in. */
  readonly pages: readonly Place[];
}

/** Pages that are opened; each has a thousand entries on average. */
const PAGES_MAX = 16;
/** Files drawn for each that is to be compared. */
const SPARE = 4;

/** Draws files of the last backups of the source sets called `names` from the index, and looks their chunks up in it. */
export function drawFromIndex(
  index: Index,
  names: readonly string[],
  count: number,
  random: Random,
  findings: DrillFindings,
): SourceSample {
  const pages = names.flatMap((name) => index.pages.last(name)?.pages ?? [])
    .filter((page) => page.files > 0);
  const drawn = drawNumbers(pages.length, PAGES_MAX, random).map((i) => pages[i]!);
  const files = drawn.flatMap(({ number, firstPath, length }) => {
    const stamped = readStamps(index.pages.stamps(number), firstPath);
    return pageLines(index.pages.frame(number), length).flatMap((line, i) =>
      line.kind === "file" ? [{ line, stamp: stampOf(stamped[i]!) }] : []
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
  return { files: chosen, pages: drawn.flatMap((page) => placeOf(index, page, findings)) };
}

function placeOf(index: Index, { id, firstPath }: LastPage, findings: DrillFindings): Place[] {
  const place = index.blobs.locate("pages", fromHex(id));
  if (place !== undefined) return [place];
  findings.problem(displayPath(firstPath), `is in page ${id}, which the index has no place of`);
  return [];
}

/** Whether the index has a place for each chunk: what it forgets would be stored again, what it has wrong would be lost. */
function lookUp(index: Index, { path, chunks }: Entry, findings: DrillFindings): void {
  for (const { id, length } of chunks ?? []) {
    const place = index.blobs.locate("blobs", fromHex(id));
    if (place?.length === length) continue;
    return findings.problem(displayPath(path), `has chunk ${id}, which the index has no place of`);
  }
}
