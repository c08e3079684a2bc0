import { Index } from "../../index/index.ts";
import { acceptSnapshot } from "../../operations/remove.ts";
import { resolveSnapshot, SNAPSHOT_WORDS } from "../../read/resolve.ts";
import type { CommandSpec } from "../command.ts";
import { NAME_OPTION } from "../looked_at.ts";
import { isTaken } from "../new_file.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

export const snapshotAccept: CommandSpec<OutputOptions & StoreOptions & { readonly name?: string }> = {
  usage: "accept <id>",
  summary: "Say that a suspicious snapshot is right",
  details:
    "It then counts as a good one for policies, and the next backup is compared with what its paths held. " +
    `The snapshot is ${SNAPSHOT_WORDS}.`,
  options: [NAME_OPTION(), ...STORE_OPTIONS(), ...OUTPUT_OPTIONS()],
  exits: [4, 5, 6],
  example: "vaultik snapshot accept latest",

  async run({ args: [wanted], options, io }) {
    using output = new Output(io, options);
    await using tools = await openSession(options, io, output);
    const { tools: host, id } = await resolveSnapshot(tools, wanted, options);
    const indexPath = tools.config?.indexPath;
    // Credentials that can only add would not let the next backup see the mark in the store.
    if (indexPath !== undefined && host.host === tools.own && await isTaken(indexPath)) {
      using index = new Index(indexPath);
      index.guards.accept(id);
    }
    await acceptSnapshot(host, id);
    output.result({ id, accepted: true }, `${id} is accepted: the next backup is compared with it`);
    return 0;
  },
};
