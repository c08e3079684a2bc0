import { atLeast } from "../../base/at_least.ts";
import { UsageError } from "../../base/errors.ts";
import { HOST_NAME, HOST_NAMES } from "../../config/schema.ts";
import { nameHost } from "../../operations/host_names.ts";
import { chosenHosts } from "../../read/resolve.ts";
import type { CommandSpec, GlobalOptions } from "../command.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";
import { openConfigured, readConfig } from "../session.ts";

export const hostName: CommandSpec<OutputOptions & GlobalOptions> = {
  usage: "name <host> [name]",
  summary: "Say what a host whose name is sealed is called on this machine",
  details:
    "<host> is its id, or what it is called now; without <name> it goes by its id again. The name is kept beside the index, tells the store " +
    "nothing, and gives way where the host's own name can be read.",
  options: [JSON_OPTION()],
  exits: [4, 5, 6],
  example: "vaultik host name abcdefghijklmnopqrstuvwxyz web1",

  async run({ args: [wanted, name], options, io }) {
    using output = new Output(io, options);
    if (name !== undefined && !HOST_NAME.test(name)) {
      throw new UsageError(`Cannot use the name ${JSON.stringify(name)}: allowed are ${HOST_NAMES}`);
    }
    const { config } = await readConfig(options, io, output);
    await using tools = await openConfigured(config, io, output);
    const [{ host }, ...others] = atLeast(1, await chosenHosts(tools, { host: wanted }));
    if (others.length > 0) {
      throw new UsageError(`Cannot choose host ${JSON.stringify(wanted)}: several are called so; use an id`);
    }
    nameHost(config.indexPath, host, name);
    const words = name === undefined ? `${host} goes by its id` : `${host} is called ${name} on this machine`;
    output.result({ host, name }, words);
    return 0;
  },
};
