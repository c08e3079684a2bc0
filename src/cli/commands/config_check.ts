import { configPath, faultsOf } from "../../config/load.ts";
import { type CommandSpec } from "../command.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";

export const configCheck: CommandSpec<OutputOptions> = {
  usage: "check",
  summary: "Check the configuration and say all that is wrong with it",
  options: [JSON_OPTION()],
  example: "vaultik config check",

  async run({ options, io }) {
    using output = new Output(io, options);
    const path = configPath(options.config, (name) => io.env(name));
    const { faults, warnings } = await faultsOf(path, (name) => io.env(name));
    output.warnings(warnings);
    const words = faults.length === 0 ? `${path} is in order` : faults.join("\n");
    output.result({ configPath: path, ok: faults.length === 0, faults, warnings }, words);
    return faults.length === 0 ? 0 : 2;
  },
};
