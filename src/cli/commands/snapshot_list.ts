import { formatCount, formatSize } from "../../base/units.ts";
import { type ShownSnapshot, showSnapshots } from "../../read/snapshots.ts";
import { addedBytes } from "../../operations/added_bytes.ts";
import type { CommandSpec } from "../command.ts";
import { JSON_OPTION, Output, type OutputOptions, table } from "../output.ts";
import { ALL_HOSTS_OPTION, hostsFor, openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

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
    const snapshots: AddingSnapshot[] = [];
    for (const host of await hostsFor(tools, options)) {
      const added = await addedBytes(host);
      for (const snapshot of await showSnapshots(host)) {
        snapshots.push({ ...snapshot, addedBytes: added.get(snapshot.id) });
      }
    }
    output.result(
      snapshots.map(listed),
      snapshots.length === 0 ? "No snapshots yet" : inWords(snapshots),
      options.json ? undefined : tools.traffic.take(),
    );
    return 0;
  },
};

/** With the stored bytes that no earlier snapshot of its host needs. */
type AddingSnapshot = ShownSnapshot & { readonly addedBytes: number | undefined };

function listed({ hostKey: _, set: __, storedAt: ___, ...shown }: AddingSnapshot): object {
  return shown;
}

/** What is sealed. */
const SEALED = "sealed";

function inWords(snapshots: readonly AddingSnapshot[]): string {
  const hasHosts = new Set(snapshots.map(({ host }) => host)).size > 1;
  const rows = snapshots.map((snapshot) => [
    snapshot.id,
    ...hasHosts ? [snapshot.hostname ?? snapshot.host] : [],
    snapshot.name ?? SEALED,
    (snapshot.finishedAt ?? snapshot.storedAt).replace("T", " ").replace(/(\.\d+)?Z$/, ""),
    snapshot.files === undefined ? "" : formatCount(snapshot.files),
    snapshot.bytes === undefined ? "" : formatSize(snapshot.bytes),
    snapshot.addedBytes === undefined ? "" : formatSize(snapshot.addedBytes),
    marksOf(snapshot),
  ]);
  const head = ["ID", ...hasHosts ? ["HOST"] : [], "NAME", "FINISHED (UTC)", "FILES", "SIZE", "ADDED", ""];
  const first = head.indexOf("FILES");
  return table([head, ...rows], [first, first + 1, first + 2]);
}

function marksOf({ incomplete, suspicious, pinned }: ShownSnapshot): string {
  const marks = [incomplete && "incomplete", suspicious && "suspicious", pinned && "pinned"];
  return marks.filter((mark) => typeof mark === "string").join(", ");
}
