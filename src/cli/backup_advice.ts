import { formatCount } from "../base/units.ts";
import type { BackupSummary } from "../operations/backup/options.ts";

/** What to do about what is not as it should be. Suspicions say so themselves. */
export function adviceLines({ changedWhileRead, lostAttributes }: BackupSummary): string[] {
  const lines: string[] = [];
  if (changedWhileRead > 0) {
    lines.push(
      `${formatCount(changedWhileRead)} ${
        changedWhileRead === 1 ? "file" : "files"
      } kept changing while being read and may be of no use: ` +
        "back up a dump, or a snapshot of the file system (hooks)",
    );
  }
  if (lostAttributes > 0) {
    lines.push(
      `${
        formatCount(lostAttributes)
      } attributes could not be read: back up as root to have them, or ignore it`,
    );
  }
  return lines;
}

/** What to do about files that could not be read. */
export function unreadableAdvice(
  { unreadable }: Pick<BackupSummary, "unreadable">,
  os: string = Deno.build.os,
): string {
  const has = (pattern: RegExp) => unreadable.some(({ reason }) => pattern.test(reason));
  const what = has(/no right|not permitted|denied/i)
    ? os === "darwin"
      ? "run as root, and give the program Full Disk Access (System Settings, Privacy & Security)"
      : "run as root, or give the program CAP_DAC_READ_SEARCH"
    : has(/no such/i)
    ? "correct the paths in the configuration, or mount what is missing"
    : "look at the disk or the file system that they are on";
  return `What to do: ${what}; or leave them out by exclude; --skip-errors accepts them`;
}
