import { worseExit } from "./error_text.ts";
import { carryOut, planInWords } from "./carry_out.ts";
import type { CommandSpec } from "./command.ts";
import { drill } from "./commands/drill.ts";
import { snapshotCreate } from "./commands/snapshot_create.ts";
import { installCron } from "./install_cron.ts";
import type { InitOptions } from "./init_options.ts";
import type { Io } from "./io.ts";
import { Output } from "./output.ts";
import { installPlan, serviceText } from "./services.ts";

/** After the configuration is there: the first backup, a drill, the schedule, as far as `options` ask for them. Gives the gravest exit code. */
export async function setUp(file: string, options: InitOptions, io: Io): Promise<number> {
  const config = { config: file };
  const steps: [title: string, isWanted: boolean, step: () => Promise<number>][] = [
    ["First backup", options.backup === true, () => call(snapshotCreate, [[]], config, io)],
    ["Drill", options.drill === true, () => call(drill, [], { ...config, ...identityOf(options) }, io)],
    ["Schedule", (options.schedule ?? "none") !== "none", () => schedule(config, options, io)],
  ];
  let exit = 0;
  for (const [title, isWanted, step] of steps) {
    if (!isWanted) continue;
    io.stderr(`\n${title}\n`);
    exit = worseExit(exit, await step());
  }
  return exit;
}

function identityOf({ identityOut }: InitOptions): { readonly identity?: readonly string[] } {
  return identityOut === undefined ? {} : { identity: [identityOut] };
}

async function call(spec: CommandSpec, args: readonly unknown[], options: object, io: Io): Promise<number> {
  return await spec.run({ args, options, io });
}

async function schedule(
  config: { config: string },
  { schedule, user }: InitOptions,
  io: Io,
): Promise<number> {
  using output = new Output(io, {});
  if (schedule === "cron") {
    const line = await serviceText({ ...config, cron: true, user: true }, io, output);
    await installCron(line, io);
    output.text.say(`In the crontab of this user: ${line.trim()}`);
    return 0;
  }
  const plan = await installPlan({ ...config, [schedule!]: true, user }, io, output);
  output.text.say(planInWords(plan));
  await carryOut(plan);
  return 0;
}
