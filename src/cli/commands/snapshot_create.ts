import { backUp } from "../../operations/backup/backup.ts";
import { explainStore } from "../../operations/explain_store.ts";
import { backupOptions, chooseSnapshots } from "../backup_options.ts";
import { type CommandSpec, flag } from "../command.ts";
import { createSnapshots } from "../create_snapshots.ts";
import { withHooks } from "../hooks.ts";
import { isTaken } from "../new_file.ts";
import { Output, OUTPUT_OPTIONS } from "../output.ts";
import { startWatchdog } from "../../daemon/watchdog.ts";
import { recoverPage } from "../recover_page.ts";
import { type DaemonOptions, runDaemon } from "../run_daemon.ts";
import { withNotices } from "../run_notices.ts";
import { tidyUp } from "../tidy_up.ts";
import { openForBackup, readConfig } from "../session.ts";

export const snapshotCreate: CommandSpec<DaemonOptions & { readonly daemon?: boolean }> = {
  usage: "create [name...]",
  summary: "Back up the configured snapshots, or those named",
  details:
    "Several snapshots are made one after the other; one that fails does not stop the next, and the gravest exit " +
    "code is returned. A file that cannot be read is listed, and the snapshot is written without it and marked incomplete.",
  options: [
    flag("--cron", "print nothing unless something is wrong"),
    flag("--skip-errors", "exit with 0 although files could not be read; they are listed all the same"),
    flag("--prune", "then remove what retention in the configuration does not keep, and prune; asks no one"),
    flag("--daemon", "keep running: watch for changes and back them up by schedule, as configured"),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [3, 4, 5, 6],
  example: "vaultik snapshot create --cron",

  async run({ args: [names], options, io }) {
    using output = new Output(io, options);
    if (options.daemon) return await runDaemon(names, { io, output, options });
    using watchdog = options.cron ? startWatchdog(io.stderr) : undefined;
    using _run = watchdog?.watch();
    const { config } = await readConfig(options, io, output);
    const backups = chooseSnapshots(config, names).map((snapshot) => backupOptions(config, snapshot));
    const chosen = backups.map(({ name }) => name);
    const isFirst = !await isTaken(config.indexPath);
    return await withNotices(config, chosen, { io, output, options }, async (note) => {
      await using tools = await openForBackup(config, io, output);
      const { traffic } = tools;
      const call = { io, output, options, traffic, note };
      const exit = await createSnapshots(
        backups,
        (backup) => withHooks(backup.name, { config, ...tools, options }, () => backUp(tools, backup)),
        call,
      );
      if (isFirst) await explainStore(tools, await recoverPage());
      if (options.prune) await tidyUp(config, tools, output);
      return exit;
    });
  },
};
