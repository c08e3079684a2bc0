import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import type { Progress } from "./events.ts";
import { printable } from "./printable.ts";
import { bytesPerMs, type Rate, timeLeftMs } from "./rate.ts";
import { bytesTotal, entriesTotal, fractionDone } from "./work.ts";
import { cutMiddle, displayWidth } from "./width.ts";

const STAGES: Readonly<Record<Progress["stage"], string>> = {
  scan: "Scanning",
  backup: "Backing up",
  pages: "Writing metadata",
  plan: "Planning",
  restore: "Restoring",
  verify: "Verifying",
  copy: "Copying",
  index: "Rebuilding the index",
  survey: "Looking at the store",
  prune: "Pruning",
  drill: "Drilling",
  objects: "Checking objects",
};

/** What is counted, where it is not entries. */
const UNITS: Partial<Record<Progress["stage"], string>> = {
  verify: "objects",
  copy: "objects",
  index: "chunks",
  survey: "objects",
  prune: "objects",
  drill: "files",
  objects: "objects",
};
/** Nothing of these has bytes. */
const COUNTED_ONLY: readonly Progress["stage"][] = ["index", "prune", "drill", "objects"];

const GAP = "  ";
/** A path in less says nothing. */
const PATH_COLUMNS_MIN = 11;
/** There is something to do until the line goes away. */
const PERCENT_MAX = 99;

/** A part of the line; those of the lowest rank go first where there is no room. */
interface Part {
  readonly rank: number;
  readonly text: string;
}

/** One line of at most `columns`: what is done, how much of it, how long it will take, and the file at hand. */
export function progressLine(progress: Progress, rate: Rate | undefined, columns = Infinity): string {
  const parts = partsOf(progress, rate).filter(({ text }) => text !== "");
  const path = progress.path === undefined ? undefined : printable(progress.path);
  const room = (kept: readonly Part[]) => columns - displayWidth(joined(kept));
  const hasRoom = (kept: readonly Part[]) => {
    if (path === undefined) return room(kept) >= 0;
    return room(kept) >= GAP.length + Math.min(PATH_COLUMNS_MIN, displayWidth(path));
  };
  let kept = parts;
  while (kept.length > 1 && !hasRoom(kept)) kept = withoutLowest(kept);
  if (path === undefined || !hasRoom(kept)) return cutMiddle(joined(kept), columns);
  return joined(kept) + GAP + cutMiddle(path, room(kept) - GAP.length);
}

function partsOf(progress: Progress, rate: Rate | undefined): Part[] {
  const { errors, entriesDone, entriesRead = entriesDone, bytesDone, bytesNew, bytesTransferred, stage } =
    progress;
  const fraction = fractionDone(progress);
  const left = timeLeftMs(progress, rate);
  const percent = fraction === undefined ? "" : ` ${Math.min(PERCENT_MAX, Math.floor(fraction * 100))}%`;
  const speed = rate === undefined ? 0 : bytesPerMs(rate) * 1000;
  const unit = UNITS[stage] ?? "entries";
  return [
    { rank: 9, text: STAGES[stage] + percent },
    { rank: 8, text: left === undefined ? "" : `${leftText(left)} left` },
    {
      rank: 7,
      text: errors === 0 ? "" : `${formatCount(errors)} ${errors === 1 ? "error" : "errors"}`,
    },
    {
      rank: 6,
      text: COUNTED_ONLY.includes(stage) ? "" : ofTotal(bytesDone, bytesTotal(progress), formatSize),
    },
    { rank: 4, text: bytesNew === undefined ? "" : `${formatSize(bytesNew)} new` },
    { rank: 5, text: bytesTransferred === 0 ? "" : `${formatSize(bytesTransferred)} ${movedWord(stage)}` },
    { rank: 3, text: speed < 1 ? "" : `${formatSize(speed)}/s` },
    { rank: 2, text: `${ofTotal(entriesRead, entriesTotal(progress), formatCount)} ${unit}` },
  ];
}

function ofTotal(done: number, total: number | undefined, format: (value: number) => string): string {
  return total === undefined ? format(done) : `${format(done)} of ${format(total)}`;
}

function movedWord(stage: Progress["stage"]): string {
  return stage === "scan" || stage === "backup" || stage === "pages" ? "sent" : "fetched";
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** In steps that do not flicker. */
function leftText(ms: number): string {
  const step = ms > 10 * MINUTE ? MINUTE : ms > MINUTE ? 5 * SECOND : SECOND;
  return formatDuration(Math.max(SECOND, Math.ceil(ms / step) * step));
}

function joined(parts: readonly Part[]): string {
  return parts.map(({ text }) => text).join(GAP);
}

function withoutLowest(parts: readonly Part[]): Part[] {
  const lowest = Math.min(...parts.map(({ rank }) => rank));
  return parts.filter(({ rank }) => rank !== lowest);
}
