import { CorruptionError, exitCodeOf } from "../../base/errors.ts";
import { formatCount } from "../../base/units.ts";
import {
  repair as repairStore,
  type RepairPlan,
  type RepairSummary,
} from "../../operations/repair/repair.ts";
import { backupOptions } from "../backup_options.ts";
import { type CommandSpec, flag } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { warnOfProblem } from "../problem_text.ts";
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
      onPlan: options.json ? undefined : (plan) => showPlan(plan, output),
    });
    output.result(summary, inWords(summary), tools.traffic.take());
    if (summary.left.length === 0) return 0;
    if (!summary.dryRun) {
      output.text.warn("DAMAGED still; the snapshots named are usable for all else:");
      for (const problem of summary.left) warnOfProblem(problem, output.text);
    }
    return exitCodeOf(new CorruptionError());
  },
};

function showPlan({ problems, known, files }: RepairPlan, { text }: Output): void {
  if (problems.length === 0) return;
  text.warn(`DAMAGED: ${formatCount(problems.length)} objects:`);
  for (const problem of problems) warnOfProblem(problem, text);
  text.say(`This host's index knows what was in ${formatCount(known.length)} of them`);
  if (files.length === 0) return;
  const same = files.filter(({ state }) => state === "same").length;
  text.say(
    `${formatCount(files.length)} files have data there, of which ${formatCount(same)} are as they were:`,
  );
  for (const { path, state } of files) text.say(`  ${path}${state === "same" ? "" : ` (${state})`}`);
}

function inWords({ problems, dryRun, backups, healed, left }: RepairSummary): string {
  if (problems.length === 0) return "Nothing is damaged";
  if (dryRun) return "Nothing was changed";
  const made = backups.length === 0 ? "" : `Stored again in ${backups.join(", ")}\n`;
  const count = healed.length === 1 ? "1 older snapshot" : `${formatCount(healed.length)} older snapshots`;
  return `${made}${count} now say where their data is; ${
    left.length === 0
      ? "everything is whole"
      : `${formatCount(left.length)} objects could not be healed altogether`
  }`;
}
