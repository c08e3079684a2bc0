import { UsageError } from "../../base/errors.ts";
import { toLocation } from "../../config/storage.ts";
import { backUp } from "../../operations/backup/backup.ts";
import { openStore } from "../../store/open.ts";
import { Traffic } from "../../store/traffic.ts";
import { backupOptions, chooseSnapshots } from "../backup_options.ts";
import { type CommandSpec, flag } from "../command.ts";
import { type CreateOptions, createSnapshots } from "../create_snapshots.ts";
import { isTaken } from "../new_file.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { readConfig, session, workerCount } from "../session.ts";

export const snapshotCreate: CommandSpec<CreateOptions & OutputOptions & { readonly daemon?: boolean }> = {
  usage: "create [name...]",
  summary: "Back up the configured snapshots, or those named",
  details:
    "Several snapshots are made one after the other; one that fails does not stop the next, and the gravest exit " +
    "code is returned. A file that cannot be read is listed, and the snapshot is written without it and marked incomplete.",
  options: [
    flag("--cron", "print nothing unless something is wrong"),
    flag("--skip-errors", "exit with 0 although files could not be read; they are listed all the same"),
    flag("--daemon", "keep running and back up by schedule (not yet supported)"),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [3, 4, 5, 6],
  example: "vaultik snapshot create --cron",

  async run({ args: [names], options, io }) {
    if (options.daemon) {
      throw new UsageError("Cannot run as a daemon: --daemon is not yet supported; use cron or a timer");
    }
    using output = new Output(io, options);
    const { config } = await readConfig(options, io, output);
    const backups = chooseSnapshots(config, names).map((snapshot) =>
      backupOptions(config, snapshot, workerCount())
    );
    // Without an index this is the first backup, and only then may the directory of a store be missing: later, its disk is.
    const create = !await isTaken(config.indexPath);
    const traffic = new Traffic();
    const store = await openStore(toLocation(config.storage), output.report, { create, traffic });
    await using tools = session(store, io, output, config.trust, traffic);
    return await createSnapshots(backups, (backup) => backUp(tools, backup), {
      io,
      output,
      options,
      traffic,
    });
  },
};
