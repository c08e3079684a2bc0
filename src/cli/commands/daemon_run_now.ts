import { EnvironmentError } from "../../base/errors.ts";
import { EXIT_INCOMPLETE } from "../../base/exit_codes.ts";
import { askRunNow, askStatus, controlPath } from "../../daemon/control.ts";
import { type CommandSpec, flag } from "../command.ts";
import { Output, type OutputOptions } from "../output.ts";
import { readConfig } from "../session.ts";

export const daemonRunNow: CommandSpec<OutputOptions & { readonly wait?: boolean }> = {
  usage: "run-now",
  summary: "Make the running daemon back up now, whatever its schedule says",
  options: [
    flag(
      "--wait",
      "return when the backup has ended: with 0 only if it succeeded, with 3 if files could not be read or the sources look wrong",
    ),
  ],
  exits: [3, 4, 6],
  example: "vaultik daemon run-now --wait",

  async run({ options, io }) {
    using output = new Output(io, options);
    const { config } = await readConfig(options, io, output);
    const outcome = await askRunNow(controlPath(config.indexPath), options.wait ?? false, io.signal);
    if (outcome === "failed") {
      const { lastError } = await askStatus(controlPath(config.indexPath));
      throw new EnvironmentError(
        `Cannot back up: the daemon's run failed (${lastError?.message ?? "see its log"})`,
      );
    }
    if (outcome !== "incomplete" && outcome !== "suspicious") return 0;
    output.text.warn(
      outcome === "incomplete"
        ? "INCOMPLETE: files could not be read; the daemon's log lists them"
        : "SUSPICIOUS: the sources look wrong; the daemon's log says why",
    );
    return EXIT_INCOMPLETE;
  },
};
