import { displayPath, type Path } from "../src/model/path.ts";
import { timeText } from "../src/model/entry_text.ts";

/** Characters that turn or hide what is beside them: shown as codes, so that a name is what it looks like. */
const UNSEEN = /[\u0080-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** A path or name for people. */
export function shown(path: Path): string {
  return displayPath(path).replace(
    UNSEEN,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Time of a file, in the zone of the browser. */
export function localTime(mtime: string): string {
  const date = new Date(Number(BigInt(mtime) / 1_000_000n));
  return Number.isNaN(date.getTime()) ? timeText(mtime) : dateTime.format(date);
}

/** Time of a snapshot. */
export function when(time: string): string {
  return dateTime.format(new Date(time));
}

export function day(time: string): string {
  return date.format(new Date(time));
}

export function shortDay(time: string): string {
  return dayAndMonth.format(new Date(time));
}

export function clock(time: string): string {
  return hours.format(new Date(time));
}

const dateTime = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "short",
});
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const hours = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

export function nameOf(path: Path): Path {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
