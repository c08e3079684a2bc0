import { type ShownSnapshot, showSnapshots } from "../../operations/shown_snapshots.ts";
import type { CommandSpec } from "../command.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";
import { ALL_HOSTS_OPTION, hostsFor, openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";
import { snapshotsText } from "../snapshot_rows.ts";
import { append } from "../../base/append.ts";

export const snapshotList: CommandSpec<OutputOptions & StoreOptions> = {
  usage: "list",
  summary: "List the snapshots in the store, newest last; needs no key",
  details:
    "With a configuration those of this machine, otherwise those of every host. Names and sizes of other hosts are sealed: a line in " +
    "trusted_hosts that ends with the host's names key shows them. SIZE is that of all files as they come back; ADDED is what the snapshot added to the " +
    "store, compressed: objects that no earlier snapshot of the host needs.",
  options: [ALL_HOSTS_OPTION(), ...STORE_OPTIONS(), JSON_OPTION()],
  exits: [4, 5, 6],
  example: "vaultik snapshot list --json",

  async run({ options, io }) {
    using output = new Output(io, options);
    await using tools = await openSession(options, io, output);
    const snapshots: ShownSnapshot[] = [];
    for (const host of await hostsFor(tools, options)) append(snapshots, await showSnapshots(host));
    output.result(
      snapshots.map(listed),
      snapshots.length === 0 ? "No snapshots yet" : snapshotsText(snapshots),
      options.json ? undefined : tools.traffic.take(),
    );
    return 0;
  },
};

function listed({ hostKey: _, set: __, storedAt: ___, ...shown }: ShownSnapshot): object {
  return shown;
}
