import { CorruptionError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { repair as repairStore } from "../../operations/repair/repair.ts";
import { backupOptions } from "../backup_options.ts";
import { type CommandSpec, flag } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { warnOfProblem } from "../problem_text.ts";
import { repairText, showRepairPlan } from "../repair_text.ts";
import { openConfigured, readConfig, threadCount } from "../session.ts";

interface RepairFlags extends OutputOptions {
  readonly deep?: boolean;
  readonly dryRun?: boolean;
  readonly identity?: readonly string[];
}

export const repair: CommandSpec<RepairFlags> = {
  usage: "repair",
  summary: "Heal what the store has lost, from the files of this host; needs no key",
  details:
    "Finds missing and cut objects by a listing, damaged ones by what an earlier verify --deep has found or, with --deep, by " +
    "fetching and hashing everything. What was in them is stored again by a backup as far as files still hold it, and older " +
    "snapshots are written again to say where it is now. With the identity the files are named that cannot be healed.",
  options: [
    flag("--dry-run", "show what is wrong and what could be done, and change nothing"),
    flag("--deep", "fetch and hash every object first; needs no key"),
    IDENTITY_OPTION(),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [3, 4, 5, 6],
  example: "vaultik repair --dry-run",

  async run({ options, io }) {
    using output = new Output(io, options);
    const identities = options.identity === undefined
      ? undefined
      : await findIdentities(options.identity, io);
    const { config } = await readConfig(options, io, output);
    await using tools = await openConfigured(config, io, output);
    const summary = await repairStore(tools, {
      backups: config.snapshots.map((snapshot) => backupOptions(config, snapshot)),
      deep: options.deep ?? false,
      readers: threadCount(config),
      dryRun: options.dryRun ?? false,
      identities,
      onPlan: options.json ? undefined : (plan) => showRepairPlan(plan, output),
    });
    output.result(summary, repairText(summary), tools.traffic.take());
    if (summary.left.length === 0) return 0;
    if (!summary.dryRun) {
      output.text.warn("DAMAGED still; the snapshots named are usable for all else:");
      for (const problem of summary.left) warnOfProblem(problem, output.text);
    }
    return exitCodeOf(new CorruptionError());
  },
};
