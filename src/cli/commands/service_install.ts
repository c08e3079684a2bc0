import { carryOut, planInWords } from "../carry_out.ts";
import { type CommandSpec, flag } from "../command.ts";
import { Output } from "../output.ts";
import { SERVICE_FLAGS, type ServiceFlags } from "../service_flags.ts";
import { installPlan } from "../services.ts";

export const serviceInstall: CommandSpec<ServiceFlags & { readonly dryRun?: boolean }> = {
  usage: "install",
  summary: "Install the daemon as a service and start it; shows what it writes and runs",
  options: [...SERVICE_FLAGS(), flag("--dry-run", "only show what would be done")],
  example: "vaultik service install --dry-run",

  async run({ options, io }) {
    using output = new Output(io, {});
    const plan = await installPlan(options, io, output);
    output.text.say(planInWords(plan));
    if (!options.dryRun) await carryOut(plan);
    return 0;
  },
};
