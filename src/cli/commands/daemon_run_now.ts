import { EnvironmentError } from "../../base/errors.ts";
import { askRunNow, controlPath } from "../../daemon/control.ts";
import { type CommandSpec, flag } from "../command.ts";
import { Output, type OutputOptions } from "../output.ts";
import { readConfig } from "../session.ts";

export const daemonRunNow: CommandSpec<OutputOptions & { readonly wait?: boolean }> = {
  usage: "run-now",
  summary: "Make the running daemon back up now, whatever its schedule says",
  options: [flag("--wait", "return when the backup has ended: with 0 only if it succeeded")],
  exits: [4, 6],
  example: "vaultik daemon run-now --wait",

  async run({ options, io }) {
    using output = new Output(io, options);
    const { config } = await readConfig(options, io, output);
    const succeeded = await askRunNow(controlPath(config.indexPath), options.wait ?? false, io.signal);
    if (!succeeded) throw new EnvironmentError("Cannot back up: the daemon's run failed; see its log");
    return 0;
  },
};
