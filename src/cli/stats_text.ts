import { formatCount, formatSize } from "../base/units.ts";
import { pathJson } from "../model/entry_json.ts";
import type { Amount, RunStats, StoredOf } from "../operations/browse/run_stats.ts";
import { shownPath } from "./entry_row.ts";
import { table } from "./output.ts";

/** Of one snapshot, or of all of them. */
export function statsJson({ stored, unique, files, directories }: RunStats): object {
  const named = ({ path, ...counts }: StoredOf) => ({ ...pathJson(path), ...counts });
  return { stored, unique, files: files.map(named), directories: directories.map(named) };
}

/** What a run stored, below its title. */
export function statsText(title: string, { stored, unique, files, directories }: RunStats): string {
  const lines = [
    `${title}:`,
    `  stored by this run      ${amount(stored)}`,
    `  only in this snapshot   ${amount(unique)}`,
  ];
  if (files.length === 0) return lines.join("\n");
  const fileRows = files.map(({ bytes, path }) => [formatSize(bytes), shownPath(path)]);
  const rows = directories.map((
    { bytes, files, path },
  ) => [formatSize(bytes), formatCount(files), shownPath(path)]);
  return [
    ...lines,
    "",
    table([["NEW", "FILE"], ...fileRows], [0]),
    "",
    table([["NEW", "FILES", "DIRECTORY"], ...rows], [0, 1]),
  ].join("\n");
}

function amount({ objects, bytes }: Amount): string {
  return `${formatSize(bytes)} in ${formatCount(objects)} ${objects === 1 ? "object" : "objects"}`;
}
