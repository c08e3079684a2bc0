import { formatCount } from "../../base/units.ts";
import { planRemoval, removeSnapshots } from "../../operations/remove.ts";
import { type CommandSpec, flag } from "../command.ts";
import { type ConfirmOptions, isConfirmed } from "../confirm.ts";
import { Output, OUTPUT_OPTIONS } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface RemoveFlags extends ConfirmOptions, StoreOptions {
  readonly dryRun?: boolean;
}

export const snapshotRemove: CommandSpec<RemoveFlags> = {
  usage: "remove <id...>",
  summary: "Remove the named snapshots",
  details:
    "<id> is the id of a snapshot, the unique beginning of one, or latest. They are shown first. A pinned one is refused. " +
    "Space is freed by vaultik prune.",
  options: [
    flag("--dry-run", "show what would be removed, and remove nothing"),
    flag("--force", "remove without asking"),
    ...STORE_OPTIONS(),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [4, 5, 6],
  example: "vaultik snapshot remove 20260101T000000Z-abcdefgh-5e0c9b1f --dry-run",

  async run({ args: [wanted], options, io }) {
    using output = new Output(io, options);
    await using tools = await openSession(options, io, output);
    const snapshots = await planRemoval(tools, wanted, options);
    const ids = snapshots.map(({ id }) => id);
    const dryRun = options.dryRun ?? false;
    const list = ids.map((id) => `  ${id}\n`).join("");
    const count = ids.length === 1 ? "1 snapshot" : `${formatCount(ids.length)} snapshots`;
    if (!dryRun && !options.force && !options.json) output.text.say(`To be removed:\n${list.trimEnd()}`);
    if (!dryRun) {
      if (!await isConfirmed(`remove ${count}`, options, io)) {
        output.text.say("Nothing was removed");
        return 0;
      }
      for (const some of Map.groupBy(snapshots, ({ tools }) => tools.host).values()) {
        await removeSnapshots(some[0]!.tools, some.map(({ id }) => id));
      }
    }
    output.result(
      { isDone: !dryRun, removed: ids },
      `${dryRun ? "Would remove" : "Removed"} ${count}:\n${list.trimEnd()}`,
    );
    return 0;
  },
};
