import { formatCount, formatDuration } from "../../base/units.ts";
import { askStatus, controlPath } from "../../daemon/control.ts";
import type { SnapshotStatus } from "../../daemon/status.ts";
import type { CommandSpec } from "../command.ts";
import { JSON_OPTION, Output, type OutputOptions, table } from "../output.ts";
import { readConfig } from "../session.ts";

type Status = Awaited<ReturnType<typeof askStatus>>;

export const daemonStatus: CommandSpec<OutputOptions> = {
  usage: "status",
  summary: "Show what the running daemon watches, what is dirty, its last and next run",
  options: [JSON_OPTION()],
  exits: [4, 6],
  example: "vaultik daemon status --json",

  async run({ options, io }) {
    using output = new Output(io, options);
    const { config } = await readConfig(options, io, output);
    const status = await askStatus(controlPath(config.indexPath));
    output.result(status, inWords(status));
    return 0;
  },
};

function inWords(status: Status): string {
  const { state, pid, startedAt, lastRun, lastError, nextRunAt, nextFullScanAt, watch } = status;
  const rows = [
    ["state", `${state} (process ${pid}, since ${startedAt})`],
    ["watching", watch === undefined ? "not yet" : `${formatCount(watch.directories)} directories`],
    ...(watch?.roots ?? []).map((
      { path, isThere },
    ) => ["  path", isThere ? path : `${path} (not there yet)`]),
    ...(watch?.unwatched ?? []).map(({ path, reason }) => ["  not watched", `${path}: ${reason}`]),
    ...status.snapshots.map((snapshot) => [`snapshot ${snapshot.name}`, snapshotInWords(snapshot)]),
    ["last run", lastRun === undefined ? "none yet" : lastRunInWords(lastRun)],
    ["last error", lastError === undefined ? "none" : `${lastError.at}: ${lastError.message}`],
    ["next look", nextRunAt ?? "after the run"],
    ["next full scan", nextFullScanAt ?? ""],
  ];
  return table(rows);
}

function lastRunInWords({ endedAt, durationMs, outcome }: NonNullable<Status["lastRun"]>): string {
  return `${outcome} at ${endedAt} in ${formatDuration(durationMs)}`;
}

function snapshotInWords(snapshot: SnapshotStatus): string {
  const { dirtyDirectories, dirtySubtrees, needsFullScan, lastSuccess, hasFailed } = snapshot;
  const dirty = needsFullScan
    ? "to be scanned in full"
    : `${formatCount(dirtyDirectories)} dirty directories, ${formatCount(dirtySubtrees)} dirty subtrees`;
  const lacking = lastSuccess?.incomplete ? " (INCOMPLETE: files could not be read)" : "";
  const doubt = lastSuccess?.suspicious ? " (SUSPICIOUS: its sources look wrong)" : "";
  const last = lastSuccess === undefined ? "not backed up yet" : `last ${lastSuccess.id}${lacking}${doubt}`;
  return `${dirty}; ${last}${hasFailed ? "; the last run failed" : ""}`;
}
