import type { RunOutcome, SetOutcome } from "../../src/notices/outcome.ts";
import type { BackupSummary } from "../../src/operations/backup/options.ts";

/** A summary with a different number in each place. */
export const SUMMARY: BackupSummary = {
  id: "20260101T000000Z-abcdefgh-5e0c9b1f",
  name: "home",
  hostname: "web1",
  startedAt: "2026-01-01T00:00:00.000Z",
  finishedAt: "2026-01-01T00:00:05.500Z",
  durationMs: 5500,
  files: 100,
  directories: 11,
  others: 2,
  bytes: 4096,
  filesRead: 13,
  bytesRead: 2048,
  bytesNew: 1024,
  growth: [{ path: "/home/a", bytes: 300 }, { path: "/home/b/", bytes: 12 }],
  phases: { prepareMs: 100, readMs: 800, publishMs: 100 },
  fileChanges: { before: 95, new: 8, changed: 5, gone: 3 },
  excluded: 7,
  suspicious: [],
  blobsUploaded: 1,
  bytesUploaded: 512,
  pages: 1,
  pagesNew: 1,
  scanned: "all",
  unreadable: [],
  changedWhileRead: 0,
  lostAttributes: 0,
  incomplete: false,
};

const PRIVATE = { path: "/secret/place", reason: "is empty, it had 3 files" };

export const GOOD: SetOutcome = { name: "home", status: "success", summary: SUMMARY };
export const SUSPICIOUS: SetOutcome = {
  name: "home",
  status: "warning",
  summary: { ...SUMMARY, suspicious: [PRIVATE], unreadable: [PRIVATE], incomplete: true },
};
export const FAILED: SetOutcome = {
  name: "etc",
  status: "failure",
  error: "Cannot read /secret/place: no right",
};

export function outcome(...sets: SetOutcome[]): RunOutcome {
  return {
    hostname: "web1",
    startedAt: new Date("2026-01-01T00:00:00Z"),
    finishedAt: new Date("2026-01-01T00:00:06Z"),
    sets,
  };
}
