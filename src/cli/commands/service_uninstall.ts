import { carryOut, planInWords } from "../carry_out.ts";
import { type CommandSpec, flag } from "../command.ts";
import { Output } from "../output.ts";
import { SERVICE_FLAGS, type ServiceFlags } from "../service_flags.ts";
import { uninstallPlan } from "../services.ts";

export const serviceUninstall: CommandSpec<ServiceFlags & { readonly dryRun?: boolean }> = {
  usage: "uninstall",
  summary: "Stop the service and remove it; shows what it removes and runs",
  options: [...SERVICE_FLAGS(), flag("--dry-run", "only show what would be done")],
  exits: [4],
  example: "vaultik service uninstall --dry-run",

  async run({ options, io }) {
    using output = new Output(io, {});
    const plan = await uninstallPlan(options, io, output);
    output.text.say(planInWords(plan));
    if (!options.dryRun) await carryOut(plan);
    return 0;
  },
};
