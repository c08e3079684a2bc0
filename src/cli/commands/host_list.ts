import { formatCount } from "../../base/units.ts";
import { type ListedHost, listHosts } from "../../operations/host_list.ts";
import { HeaderOpener } from "../../seal/age.ts";
import type { CommandSpec } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { IDENTITY_VARIABLE } from "../read_identity.ts";
import { JSON_OPTION, Output, type OutputOptions, table } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface HostListFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
}

export const hostList: CommandSpec<HostListFlags> = {
  usage: "list",
  summary: "List the hosts that back up to the store",
  details:
    "Hosts that trusted_hosts does not have are listed too. Names may be sealed: an identity opens those of all hosts, a line in " +
    "trusted_hosts that of one; vaultik host name gives one of your own.",
  options: [IDENTITY_OPTION(), ...STORE_OPTIONS().filter(({ long }) => long !== "--host"), JSON_OPTION()],
  exits: [4, 5, 6],
  example: "vaultik host list",

  async run({ options, io }) {
    using output = new Output(io, options);
    const isWithKey = options.identity !== undefined || io.env(IDENTITY_VARIABLE) !== undefined;
    const opener = isWithKey ? new HeaderOpener(await findIdentities(options.identity, io)) : undefined;
    await using tools = await openSession(options, io, output);
    const hosts = await listHosts(tools, opener);
    output.result({ hosts }, hosts.length === 0 ? "No hosts yet" : inWords(hosts), tools.traffic.take());
    return 0;
  },
};

function inWords(hosts: readonly ListedHost[]): string {
  const rows = hosts.map((host) => [
    host.host,
    host.hostname ?? "(sealed)",
    host.created?.slice(0, 10) ?? "",
    formatCount(host.snapshots),
    host.newestAt?.slice(0, 16).replace("T", " ") ?? "",
    [
      ...host.isOwn ? ["this machine"] : [],
      ...host.isTrusted ? [] : ["not trusted"],
      ...host.isRetired ? ["retired"] : [],
    ].join(", "),
  ]);
  return table([["HOST", "NAME", "SINCE", "SNAPSHOTS", "LAST (UTC)", ""], ...rows], [3]);
}
