import { formatCount, formatSize } from "../../base/units.ts";
import { storeInfo as readStoreInfo } from "../../operations/store_info.ts";
import type { CommandSpec } from "../command.ts";
import { JSON_OPTION, Output, type OutputOptions, table } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

export const storeInfo: CommandSpec<OutputOptions & StoreOptions> = {
  usage: "info",
  summary: "Show what is in the store; needs no key",
  options: [...STORE_OPTIONS(), JSON_OPTION()],
  exits: [4, 5, 6],
  example: "vaultik store info",

  async run({ options, io }) {
    using output = new Output(io, options);
    await using tools = await openSession(options, io, output);
    const found = await readStoreInfo(tools);
    const rows = found.kinds.map((
      { kind, objects, bytes },
    ) => [kind, formatCount(objects), formatSize(bytes)]);
    const hosts = found.hosts.length === 0 ? "" : ` of ${found.hosts.join(", ")}`;
    output.result(
      found,
      `${found.location}: ${formatCount(found.snapshots)} snapshots${hosts}\n` +
        table([["KIND", "OBJECTS", "STORED"], ...rows], [1, 2]),
    );
    return 0;
  },
};
