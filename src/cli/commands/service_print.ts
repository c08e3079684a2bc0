import type { CommandSpec } from "../command.ts";
import { Output } from "../output.ts";
import { SERVICE_FLAGS, type ServiceFlags } from "../service_flags.ts";
import { serviceText } from "../services.ts";

export const servicePrint: CommandSpec<ServiceFlags> = {
  usage: "print",
  summary: "Print the unit, the job or the crontab line, for the configuration in use",
  options: SERVICE_FLAGS(),
  example: "vaultik service print --systemd",

  async run({ options, io }) {
    using output = new Output(io, {});
    io.stdout(await serviceText(options, io, output));
    return 0;
  },
};
