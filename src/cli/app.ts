import { Command, CommanderError } from "commander";
import { InterruptedError, UsageError } from "../base/errors.ts";
import { exitCodeOf } from "../base/exit_codes.ts";
import { type CommandSpec, flag, helpEnd, type Perform, toCommand } from "./command.ts";
import { browse } from "./commands/browse.ts";
import { cat } from "./commands/cat.ts";
import { completion } from "./commands/completion.ts";
import { configCheck } from "./commands/config_check.ts";
import { configEdit } from "./commands/config_edit.ts";
import { configGet } from "./commands/config_get.ts";
import { configSchema } from "./commands/config_schema.ts";
import { configSet } from "./commands/config_set.ts";
import { configShow } from "./commands/config_show.ts";
import { copy } from "./commands/copy.ts";
import { daemonRunNow } from "./commands/daemon_run_now.ts";
import { daemonStatus } from "./commands/daemon_status.ts";
import { databasePurge } from "./commands/database_purge.ts";
import { indexCheck } from "./commands/index_check.ts";
import { indexRebuild } from "./commands/index_rebuild.ts";
import { diff } from "./commands/diff.ts";
import { drill } from "./commands/drill.ts";
import { dump } from "./commands/dump.ts";
import { exportEntries } from "./commands/export.ts";
import { find } from "./commands/find.ts";
import { history } from "./commands/history.ts";
import { hostForget } from "./commands/host_forget.ts";
import { hostList } from "./commands/host_list.ts";
import { hostName } from "./commands/host_name.ts";
import { doctor } from "./commands/doctor.ts";
import { init } from "./commands/init.ts";
import { info } from "./commands/info.ts";
import { keygen } from "./commands/keygen.ts";
import { keyKit } from "./commands/key_kit.ts";
import { keyJoin } from "./commands/key_join.ts";
import { keySplit } from "./commands/key_split.ts";
import { keyVerify } from "./commands/key_verify.ts";
import { man } from "./commands/man.ts";
import { mount } from "./commands/mount.ts";
import { ls } from "./commands/ls.ts";
import { prune } from "./commands/prune.ts";
import { selfTest } from "./commands/self_test.ts";
import { serve } from "./commands/serve.ts";
import { repair } from "./commands/repair.ts";
import { restore } from "./commands/restore.ts";
import { serviceInstall } from "./commands/service_install.ts";
import { servicePrint } from "./commands/service_print.ts";
import { serviceUninstall } from "./commands/service_uninstall.ts";
import { snapshotAccept } from "./commands/snapshot_accept.ts";
import { snapshotCreate } from "./commands/snapshot_create.ts";
import { snapshotList } from "./commands/snapshot_list.ts";
import { snapshotPin, snapshotUnpin } from "./commands/snapshot_pin.ts";
import { snapshotPrune } from "./commands/snapshot_prune.ts";
import { snapshotPurge } from "./commands/snapshot_purge.ts";
import { snapshotRemove } from "./commands/snapshot_remove.ts";
import { snapshotVerify } from "./commands/snapshot_verify.ts";
import { stats } from "./commands/stats.ts";
import { status } from "./commands/status.ts";
import { storeInfo } from "./commands/store_info.ts";
import { version } from "./commands/version.ts";
import { afterAbort, errorText } from "./error_text.ts";
import type { CommandEntry } from "./command_entry.ts";
import { type CommandGroup, commandTable } from "./command_table.ts";
import { expandHelp } from "./help_words.ts";
import { logText } from "../report/log_text.ts";
import type { Io } from "./io.ts";
import { VERSION } from "./version.ts";

const GROUPS: readonly CommandGroup[] = [
  {
    name: "snapshot",
    summary: "Make, list, check and remove snapshots",
    specs: [
      snapshotCreate,
      snapshotList,
      snapshotVerify,
      snapshotRemove,
      snapshotPurge,
      snapshotPin,
      snapshotUnpin,
      snapshotAccept,
      snapshotPrune,
    ],
  },
  {
    name: "host",
    summary: "List, name and retire the hosts of the store",
    specs: [hostList, hostName, hostForget],
  },
  { name: "key", summary: "Try, print and split keys", specs: [keyVerify, keyKit, keySplit, keyJoin] },
  { name: "index", summary: "Check the local index, or rebuild it", specs: [indexRebuild, indexCheck] },
  { name: "database", summary: "Delete the local index", specs: [databasePurge] },
  { name: "daemon", summary: "Ask the running daemon", specs: [daemonStatus, daemonRunNow] },
  {
    name: "service",
    summary: "Run the daemon as a service",
    specs: [serviceInstall, serviceUninstall, servicePrint],
  },
  {
    name: "config",
    summary: "Check, show and change the configuration",
    specs: [configCheck, configShow, configGet, configSet, configEdit, configSchema],
  },
  { name: "store", summary: "Look into the store", specs: [storeInfo] },
];
const COMMANDS: readonly CommandSpec[] = [
  init,
  keygen,
  restore,
  mount,
  serve,
  browse,
  ls,
  cat,
  dump,
  diff,
  find,
  history,
  stats,
  exportEntries,
  repair,
  prune,
  copy,
  doctor,
  drill,
  selfTest,
  status,
  info,
  completion(table),
  man(table),
  version,
];

const SUMMARY = "Encrypted backups that need no secret key on the machine that is backed up";
const GLOBAL_OPTIONS = [
  flag("-c, --config <file>", "configuration (default: VAULTIK_CONFIG or /etc/vaultik/config.yml)"),
];

/** All commands, for completion, manual pages and the reference. */
export function table(): CommandEntry[] {
  return commandTable(SUMMARY, GROUPS, COMMANDS, [...GLOBAL_OPTIONS, flag("-h, --help", "show the help")]);
}

/** Runs the command in `argv` and returns its exit code; whatever goes wrong has then been said on stderr. */
export async function run(
  argv: readonly string[],
  io: Io,
  perform: Perform = (spec, call) => spec.run(call),
): Promise<number> {
  const verbose = argv.includes("--verbose") || argv.includes("-v");
  let exitCode = 0;
  try {
    const root = program({ io, done: (code) => exitCode = code, perform });
    await root.parseAsync([...expandHelp(argv, root)], { from: "user" });
    if (io.signal.aborted && !(io.signal.reason instanceof InterruptedError)) throw io.signal.reason;
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const error = thrown instanceof CommanderError ? usageError(thrown) : afterAbort(thrown, io.signal);
    if (error !== undefined) {
      const text = errorText(error, { verbose }).trimEnd();
      io.stderr(logText(io.log?.format ?? "text", "error", text, io.now()));
    }
    return error === undefined ? 2 : exitCodeOf(error);
  }
}

function program(how: Parameters<typeof toCommand>[1]): Command {
  const { io } = how;
  const root = new Command("vaultik");
  root.description(SUMMARY);
  for (const option of GLOBAL_OPTIONS) root.addOption(option);
  root.version(VERSION, "-V, --version", "show the version");
  root.addHelpText(
    "after",
    helpEnd([3, 4, 5, 6], "vaultik --config /etc/vaultik/config.yml snapshot create"),
  );
  for (const { name, summary, specs } of GROUPS) {
    const group = root.command(name).description(summary).helpCommand(false);
    for (const spec of specs) group.addCommand(toCommand(spec, how));
    group.addHelpText(
      "after",
      helpEnd([...new Set(specs.flatMap(({ exits }) => exits ?? []))], specs[0]!.example),
    );
  }
  for (const spec of COMMANDS) root.addCommand(toCommand(spec, how));
  everyCommand(root, (command) => {
    command.exitOverride().configureHelp({ showGlobalOptions: true }).configureOutput({
      writeOut: (text) => io.stdout(text),
      writeErr: (text) => io.stderr(text),
      outputError: () => {}, // `run` says it, in the form of all other errors
      getOutHelpWidth: () => io.isTerminal.stdout ? io.columns() : 80,
      getErrHelpWidth: () => io.isTerminal.stderr ? io.columns() : 80,
    });
  });
  return root;
}

function everyCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const inner of command.commands) everyCommand(inner, visit);
}

/** `undefined` where commander has shown the help instead, because there was no command. */
function usageError(error: CommanderError): UsageError | undefined {
  if (error.code === "commander.help") return undefined;
  const message = error.message.replace(/^error: /, "").replace(/\.?\s*\n?\((Did.*)\)$/s, "; $1").replace(
    "Did",
    "did",
  );
  return new UsageError(`Cannot run this command: ${message.replace(/\.$/, "")} (see vaultik --help)`);
}
