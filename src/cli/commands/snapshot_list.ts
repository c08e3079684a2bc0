import { formatCount, formatSize } from "../../base/units.ts";
import type { SnapshotInfo } from "../../operations/options.ts";
import { listSnapshots } from "../../operations/snapshots.ts";
import type { CommandSpec } from "../command.ts";
import { JSON_OPTION, Output, type OutputOptions, table } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

export const snapshotList: CommandSpec<OutputOptions & StoreOptions> = {
  usage: "list",
  summary: "List the snapshots in the store, newest last; needs no key",
  options: [...STORE_OPTIONS(), JSON_OPTION()],
  exits: [4, 5, 6],
  example: "vaultik snapshot list --json",

  async run({ options, io }) {
    using output = new Output(io, options);
    await using tools = await openSession(options, io, output);
    const snapshots = await listSnapshots(tools);
    output.result(snapshots.map(listed), snapshots.length === 0 ? "No snapshots yet" : inWords(snapshots));
    return 0;
  },
};

function listed(snapshot: SnapshotInfo): object {
  const { id, host, name, startedAt, finishedAt, files, bytes, storedBytes, incomplete, pinned } = snapshot;
  return { id, host, name, startedAt, finishedAt, files, bytes, storedBytes, incomplete, pinned };
}

function inWords(snapshots: readonly SnapshotInfo[]): string {
  const rows = snapshots.map((snapshot) => [
    snapshot.id,
    snapshot.finishedAt.replace("T", " ").replace(/(\.\d+)?Z$/, ""),
    formatCount(snapshot.files),
    formatSize(snapshot.bytes),
    formatSize(snapshot.storedBytes),
    [snapshot.incomplete ? "incomplete" : "", snapshot.pinned ? "pinned" : ""].filter(Boolean).join(", "),
  ]);
  return table([["ID", "FINISHED (UTC)", "FILES", "SIZE", "STORED", ""], ...rows], [2, 3, 4]);
}
