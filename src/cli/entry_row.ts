import { formatSize } from "../base/units.ts";
import type { Entry } from "../model/entry.ts";
import { groupText, modeText, ownerText, timeText } from "../model/entry_text.ts";
import { displayPath, type Path } from "../model/path.ts";
import { printable } from "../report/printable.ts";

/** A path as text that does nothing to a terminal. */
export function shownPath(path: Path): string {
  return printable(displayPath(path));
}

/** Columns of {@link entryCells} that are numbers. */
export const ENTRY_RIGHT = [3];

/** Mode, owner, group, size, time, and `name` with where a link leads. */
export function entryCells(entry: Entry, name: string): string[] {
  const { target, hardlink, device, size, mtime } = entry;
  const leads = target !== undefined
    ? ` -> ${shownPath(target)}`
    : hardlink !== undefined
    ? ` = ${shownPath(hardlink)}`
    : "";
  return [
    modeText(entry),
    printable(ownerText(entry)),
    printable(groupText(entry)),
    device !== undefined ? device.join(",") : size === undefined ? "-" : formatSize(size),
    timeText(mtime).slice(0, 16),
    shownPath(name) + leads,
  ];
}
