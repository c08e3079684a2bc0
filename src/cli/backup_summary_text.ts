import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import type { BackupSummary } from "../operations/backup/options.ts";
import { adviceLines } from "./backup_advice.ts";

/** What came of a backup, for people. */
export function backupSummaryText(summary: BackupSummary): string {
  const { id, files, directories, others, bytes } = summary;
  const lines = [
    `${formatCount(files)} files, ${formatCount(directories)} directories, ${formatCount(others)} others, ${
      formatSize(bytes)
    }`,
    changesLine(summary),
    bytesLine(summary),
    timeLine(summary),
    ...growthLines(summary),
    ...adviceLines(summary),
  ];
  return [id, ...lines.filter((line) => line !== "").map((line) => `  ${line}`)].join("\n");
}

function changesLine({ fileChanges, excluded = 0 }: BackupSummary): string {
  const parts = [
    ...fileChanges === undefined ? [] : [
      `${formatCount(fileChanges.new)} new`,
      `${formatCount(fileChanges.changed)} changed`,
      `${formatCount(fileChanges.gone)} gone`,
    ],
    ...excluded === 0 ? [] : [`${formatCount(excluded)} left out by excludes`],
  ];
  return parts.join(", ");
}

function bytesLine({ filesRead, bytesRead, bytesNew, bytesUploaded }: BackupSummary): string {
  return `read ${formatCount(filesRead)} ${filesRead === 1 ? "file" : "files"}, ${formatSize(bytesRead)}; ` +
    `new ${formatSize(bytesNew)}; sent ${formatSize(bytesUploaded)}${shareText(bytesUploaded, bytesNew)}`;
}

/** None where little is new: most of what is sent then only names it. */
function shareText(bytesUploaded: number, bytesNew: number): string {
  if (bytesNew === 0 || bytesUploaded > bytesNew) return "";
  return ` (${Math.round(bytesUploaded / bytesNew * 100)}% of what is new)`;
}

function timeLine({ durationMs, phases }: BackupSummary): string {
  const { prepareMs, readMs, publishMs } = phases;
  return `took ${formatDuration(durationMs)}: ${formatDuration(prepareMs)} to prepare, ${
    formatDuration(readMs)
  } to read and send, ${formatDuration(publishMs)} to publish`;
}

/** One cause is no list. */
function growthLines({ growth, bytesNew }: BackupSummary): string[] {
  if (growth.length === 0) return [];
  const sizes = growth.map(({ bytes }) => formatSize(bytes));
  const width = Math.max(...sizes.map((size) => size.length));
  return [
    `most of the ${formatSize(bytesNew)} that are new:`,
    ...growth.map(({ path }, i) => `  ${sizes[i]!.padStart(width)}  ${path}`),
  ];
}
