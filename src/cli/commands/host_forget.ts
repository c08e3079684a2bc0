import { atLeast } from "../../base/at_least.ts";
import { UsageError } from "../../base/errors.ts";
import { EXIT_INCOMPLETE } from "../../base/exit_codes.ts";
import { formatCount, formatSize } from "../../base/units.ts";
import {
  executeForget,
  type ForgetPlan,
  type ForgetSummary,
  planForget,
} from "../../operations/forget_host.ts";
import { labelOf } from "../../read/hosts.ts";
import { chosenHosts } from "../../read/resolve.ts";
import { type CommandSpec, flag } from "../command.ts";
import { type ConfirmOptions, isConfirmed } from "../confirm.ts";
import { Output, OUTPUT_OPTIONS } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface ForgetFlags extends ConfirmOptions, StoreOptions {
  readonly dryRun?: boolean;
}

export const hostForget: CommandSpec<ForgetFlags> = {
  usage: "forget <host>",
  summary: "Retire a host that is no more: remove all its snapshots",
  details:
    "<host> is its id, or what it is called. What would be done is shown first. Pinned snapshots go too; what the store has locked " +
    "stays until the lock ends. Blobs are prune's to delete: vaultik prune --host <host>, now and after prune_grace. When they are " +
    "gone, the same command removes the rest. It needs the rights of an administrator. Status does not miss snapshots of a retired host.",
  options: [
    flag("--dry-run", "show what would be removed, and remove nothing"),
    flag("--force", "remove without asking"),
    ...STORE_OPTIONS().filter(({ long }) => long !== "--host"),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [3, 4, 5, 6],
  example: "vaultik host forget web1 --dry-run",

  async run({ args: [wanted], options, io }) {
    using output = new Output(io, options);
    await using tools = await openSession(options, io, output);
    const [host, ...others] = atLeast(1, await chosenHosts(tools, { host: wanted }));
    if (others.length > 0) {
      throw new UsageError(`Cannot choose host ${JSON.stringify(wanted)}: several are called so; use an id`);
    }
    const label = labelOf(tools, host.host);
    const plan = await planForget(host);
    if (options.dryRun) {
      output.result({ isDone: false, ...plan }, planInWords(plan, label));
      return 0;
    }
    if (!options.force && !options.json) output.text.say(planInWords(plan, label));
    if (!await isConfirmed(`forget host ${label}`, options, io)) {
      output.text.say("Nothing was removed");
      return 0;
    }
    const summary = await executeForget(host, plan);
    output.result({ isDone: true, host: host.host, ...summary }, inWords(summary, plan, label));
    if (summary.locked.length === 0) return 0;
    output.text.warn(
      `LOCKED: ${
        snapshots(summary.locked)
      } of ${label} cannot be removed before the store's locks end; run it again then`,
    );
    return EXIT_INCOMPLETE;
  },
};

function snapshots(ids: readonly string[]): string {
  return ids.length === 1 ? "1 snapshot" : `${formatCount(ids.length)} snapshots`;
}

function planInWords({ snapshots: ids, pinned, contents, bytes, others }: ForgetPlan, label: string): string {
  if (ids.length === 0 && contents === 0) {
    return `Host ${label} has no contents any more: its last ${
      formatCount(others)
    } objects are to be removed`;
  }
  const withPins = pinned.length === 0 ? "" : `, ${formatCount(pinned.length)} of them pinned`;
  return `Host ${label}: ${snapshots(ids)}${withPins}, to be removed` +
    `${ids.length === 0 ? "" : ` (${ids[0]} … ${ids.at(-1)})`}\n` +
    `  ${formatCount(contents)} blobs and lists, ${formatSize(bytes)}, are left to vaultik prune`;
}

function inWords(
  { removed, isGone }: ForgetSummary,
  { host, snapshots: ids }: ForgetPlan,
  label: string,
): string {
  if (isGone) return `Host ${label} is gone`;
  return `Host ${label} is retired: removed ${snapshots(removed)} of ${formatCount(ids.length)}\n` +
    `  vaultik prune --host ${host} frees the space, in two runs prune_grace apart; then vaultik host forget ${host} removes the rest`;
}
