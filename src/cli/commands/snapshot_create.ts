import { UsageError } from "../../base/errors.ts";
import { backUp } from "../../operations/backup/backup.ts";
import { BackupThreads } from "../../operations/backup/backup_threads.ts";
import { explainStore } from "../../operations/explain_store.ts";
import { backupOptions } from "../backup_options.ts";
import { chooseSnapshots } from "../choose_snapshots.ts";
import { type CommandSpec, flag } from "../command.ts";
import { createSnapshots } from "../create_snapshots.ts";
import { withHooks } from "../hooks.ts";
import { logIo } from "../log_io.ts";
import { Output, OUTPUT_OPTIONS } from "../output.ts";
import { startWatchdog } from "../../daemon/watchdog.ts";
import { recoverPage } from "../recover_page.ts";
import type { DaemonOptions, runDaemon as RunDaemon } from "../run_daemon.ts";
import { withNotices } from "../run_notices.ts";
import { type StdinFlags, stdinSnapshot } from "../stdin_snapshot.ts";
import { isFirstBackup, openForBackup, readConfig } from "../session.ts";
import type { tidyUp as TidyUp } from "../tidy_up.ts";

// What most runs do not need is read when it is called.
const runDaemon: typeof RunDaemon = async (names, call) =>
  await (await import("../run_daemon.ts")).runDaemon(names, call);
const tidyUp: typeof TidyUp = async (config, tools, output) =>
  await (await import("../tidy_up.ts")).tidyUp(config, tools, output);

export const snapshotCreate: CommandSpec<DaemonOptions & StdinFlags & { readonly daemon?: boolean }> = {
  usage: "create [name...]",
  summary: "Back up the configured snapshots, or those named",
  details:
    "Several snapshots are made one after the other; one that fails does not stop the next, and the gravest exit " +
    "code is returned. A file that cannot be read is listed, and the snapshot is written without it and marked incomplete. " +
    "With --stdin the snapshot is one file, which is piped in; whether what wrote to the pipe has failed no one can know, so " +
    "--stdin-from-command runs it: where it fails there is no snapshot.",
  options: [
    flag("--cron", "print nothing unless something is wrong"),
    flag("--skip-errors", "exit with 0 although files could not be read; they are listed all the same"),
    flag("--prune", "then remove what retention in the configuration does not keep, and prune; asks no one"),
    flag("--daemon", "keep running: watch for changes and back them up by schedule, as configured"),
    flag("--stdin <file>", "back up what is piped in as a file of this name, and nothing else"),
    flag("--stdin-from-command", "with --stdin: what the command prints that stands at the end, after --"),
    flag("--name <name>", "with --stdin: the source set that the snapshot is of").default(undefined, "stdin"),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [3, 4, 5, 6],
  example: "vaultik snapshot create --cron",

  async run({ args: [names], options, io: given }) {
    const io = options.daemon ? logIo(given) : given;
    using output = new Output(io, options);
    if (options.daemon && options.stdin !== undefined) {
      throw new UsageError("Cannot back up a pipe by schedule: configure the command, or leave out --daemon");
    }
    if (options.daemon) return await runDaemon(names, { io, output, options });
    using watchdog = options.cron ? startWatchdog(io.stderr) : undefined;
    using _run = watchdog?.watch();
    using threads = new BackupThreads("once");
    threads.prepare(0); // which takes longer than to read the configuration
    const { config: configured } = await readConfig(options, io, output);
    const piped = stdinSnapshot(options, names, configured, io);
    const config = piped === undefined ? configured : { ...configured, snapshots: [piped.snapshot] };
    const backups = chooseSnapshots(config, piped === undefined ? names : []).map((snapshot) => ({
      ...backupOptions(config, snapshot),
      ...piped && { streams: [piped.source] },
      progressAfterMs: output.progressAfterMs,
    }));
    const chosen = backups.map(({ name }) => name);
    const isFirst = isFirstBackup(config);
    if (isFirst) threads.prepare(1);
    return await withNotices(config, chosen, { io, output, options }, async (note) => {
      await using tools = await openForBackup(config, io, output);
      const { traffic } = tools;
      const call = { io, output, options, traffic, note };
      const explained = isFirst ? recoverPage().then((page) => explainStore(tools, page)) : undefined;
      explained?.catch(() => {}); // a backup that fails says more
      const exit = await createSnapshots(
        backups,
        (backup) =>
          withHooks(backup.name, { config, ...tools, options }, () => backUp(tools, backup, threads)),
        call,
      );
      await explained;
      if (options.prune) await tidyUp(configured, tools, output);
      return exit;
    });
  },
};
