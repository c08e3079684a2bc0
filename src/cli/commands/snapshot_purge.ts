import { UsageError } from "../../base/errors.ts";
import { formatCount } from "../../base/units.ts";
import type { Config } from "../../config/config.ts";
import type { SnapshotInfo } from "../../read/snapshot_info.ts";
import { executePurge, planPurge, type PurgeOptions, type PurgePlan } from "../../operations/purge.ts";
import { type CommandSpec, flag } from "../command.ts";
import { type ConfirmOptions, isConfirmed } from "../confirm.ts";
import { Output, OUTPUT_OPTIONS, table } from "../output.ts";
import { parseRetention, RETENTION_OPTIONS, type RetentionFlags } from "../retention_flags.ts";
import {
  ALL_HOSTS_OPTION,
  hostsFor,
  openConfigured,
  openSession,
  readConfig,
  STORE_OPTIONS,
  type StoreOptions,
} from "../session.ts";

interface PurgeFlags extends ConfirmOptions, StoreOptions, RetentionFlags {
  readonly dryRun?: boolean;
}

export const snapshotPurge: CommandSpec<PurgeFlags> = {
  usage: "purge [name...]",
  summary: "Remove snapshots that a policy does not keep",
  details:
    "The policy is in the flags, or else in the configuration (retention, there also for each snapshot of its own). Each rule counts " +
    "for itself, by host and source set; what one of them keeps stays, so do pinned snapshots and the newest complete one of each. " +
    "With a configuration only this host's snapshots are meant. What would be removed is shown first. Space is freed by " +
    "vaultik prune.",
  options: [
    ...RETENTION_OPTIONS(),
    ALL_HOSTS_OPTION(),
    flag("--dry-run", "show what would be removed and why the rest is kept, and remove nothing"),
    flag("--force", "remove without asking"),
    ...STORE_OPTIONS(),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [4, 5, 6],
  example: "vaultik snapshot purge --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --dry-run",

  async run({ args: [names], options, io }) {
    using output = new Output(io, options);
    const config = options.storageUrl === undefined
      ? (await readConfig(options, io, output)).config
      : undefined;
    const policyOf = choosePolicy(names, options, config);
    await using tools = config === undefined
      ? await openSession(options, io, output)
      : await openConfigured(config, io, output);
    const dryRun = options.dryRun ?? false;
    const hosts = await hostsFor(tools, options);
    const plans: PurgePlan[] = [];
    for (const host of hosts) plans.push(await planPurge(host, { policyOf, dryRun }));
    const plan = joined(plans, io.now());
    const show = (isDone: boolean) => output.result(describe(plan, isDone), inWords(plan, isDone));
    if (dryRun || plan.remove.length === 0) {
      show(false);
      return 0;
    }
    if (!options.force) show(false);
    const agreed = await isConfirmed(`remove ${countOf(plan.remove)}`, options, io);
    if (agreed) { for (const [i, host] of hosts.entries()) await executePurge(host, plans[i]!); }
    if (!agreed) output.text.say("Nothing was removed");
    else if (options.force) show(true);
    else output.text.say(`Removed ${countOf(plan.remove)}`);
    return 0;
  },
};

/** Which policy is meant for which snapshot. Throws `UsageError` where there is none. */
function choosePolicy(
  names: readonly string[],
  options: PurgeFlags,
  config: Config | undefined,
): PurgeOptions["policyOf"] {
  const given = parseRetention(options);
  const configured = new Map(config?.snapshots.map(({ name, retention }) => [name, retention]));
  if (given === undefined && [...configured.values()].every((policy) => policy === undefined)) {
    throw new UsageError(
      "Cannot purge: no policy says what to keep; give --keep-daily 7 or the like, or set retention in the configuration",
    );
  }
  const isMeant = ({ name }: SnapshotInfo) =>
    names.length === 0 || name !== undefined && names.includes(name);
  const configuredFor = ({ name }: SnapshotInfo) => name === undefined ? undefined : configured.get(name);
  return (snapshot) => isMeant(snapshot) ? given ?? configuredFor(snapshot) : undefined;
}

/** What is to be done in several hosts' directories. */
function joined(plans: readonly PurgePlan[], now: Date): PurgePlan {
  return {
    now: plans.at(0)?.now ?? now,
    decisions: plans.flatMap(({ decisions }) => decisions),
    remove: plans.flatMap(({ remove }) => remove),
  };
}

const countOf = (list: readonly unknown[]) =>
  list.length === 1 ? "1 snapshot" : `${formatCount(list.length)} snapshots`;

function describe({ now, decisions, remove }: PurgePlan, isDone: boolean): object {
  return {
    now,
    isDone,
    removed: remove.length,
    kept: decisions.length - remove.length,
    snapshots: decisions.map((
      { snapshot: { id, host, hostname, name, finishedAt, storedAt, incomplete }, reasons },
    ) => ({
      id,
      host,
      hostname,
      name,
      finishedAt,
      storedAt,
      incomplete,
      action: reasons.length === 0 ? "remove" : "keep",
      reasons,
    })),
  };
}

function inWords({ decisions, remove }: PurgePlan, isDone: boolean): string {
  if (decisions.length === 0) return "No snapshots that a policy is meant for";
  const rows = decisions.map(({ snapshot: { id, incomplete }, reasons }) => [
    reasons.length === 0 ? "remove" : "keep",
    id,
    reasons.join(", "),
    incomplete ? "incomplete" : "",
  ]);
  const kept = decisions.length - remove.length;
  const verb = isDone ? "Removed" : "Would remove";
  return `${table([["", "ID", "KEPT BECAUSE", ""], ...rows])}\n${verb} ${countOf(remove)}, keep ${
    formatCount(kept)
  }`;
}
