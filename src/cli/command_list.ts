import type { CommandEntry } from "./command_entry.ts";
import { type CommandGroup, commandTable } from "./command_table.ts";
import { type CommandSpec, flag } from "./command.ts";

// Every command by its name. A run reads the file of the one that it was asked for only: reading all would cost every start 40 ms.

interface ListedCommand {
  readonly name: string;
  load(): Promise<CommandSpec>;
}

interface ListedGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly ListedCommand[];
}

const GROUPS: readonly ListedGroup[] = [
  {
    name: "snapshot",
    summary: "Make, list, check and remove snapshots",
    commands: [
      { name: "create", load: async () => (await import("./commands/snapshot_create.ts")).snapshotCreate },
      { name: "list", load: async () => (await import("./commands/snapshot_list.ts")).snapshotList },
      { name: "verify", load: async () => (await import("./commands/snapshot_verify.ts")).snapshotVerify },
      { name: "remove", load: async () => (await import("./commands/snapshot_remove.ts")).snapshotRemove },
      { name: "purge", load: async () => (await import("./commands/snapshot_purge.ts")).snapshotPurge },
      { name: "pin", load: async () => (await import("./commands/snapshot_pin.ts")).snapshotPin },
      { name: "unpin", load: async () => (await import("./commands/snapshot_pin.ts")).snapshotUnpin },
      { name: "accept", load: async () => (await import("./commands/snapshot_accept.ts")).snapshotAccept },
      { name: "prune", load: async () => (await import("./commands/snapshot_prune.ts")).snapshotPrune },
    ],
  },
  {
    name: "host",
    summary: "List, name and retire the hosts of the store",
    commands: [
      { name: "list", load: async () => (await import("./commands/host_list.ts")).hostList },
      { name: "name", load: async () => (await import("./commands/host_name.ts")).hostName },
      { name: "forget", load: async () => (await import("./commands/host_forget.ts")).hostForget },
    ],
  },
  {
    name: "key",
    summary: "Try, print and split keys",
    commands: [
      { name: "verify", load: async () => (await import("./commands/key_verify.ts")).keyVerify },
      { name: "kit", load: async () => (await import("./commands/key_kit.ts")).keyKit },
      { name: "split", load: async () => (await import("./commands/key_split.ts")).keySplit },
      { name: "join", load: async () => (await import("./commands/key_join.ts")).keyJoin },
    ],
  },
  {
    name: "index",
    summary: "Check the local index, or rebuild it",
    commands: [
      { name: "rebuild", load: async () => (await import("./commands/index_rebuild.ts")).indexRebuild },
      { name: "check", load: async () => (await import("./commands/index_check.ts")).indexCheck },
    ],
  },
  {
    name: "database",
    summary: "Delete the local index",
    commands: [
      { name: "purge", load: async () => (await import("./commands/database_purge.ts")).databasePurge },
    ],
  },
  {
    name: "daemon",
    summary: "Ask the running daemon",
    commands: [
      { name: "status", load: async () => (await import("./commands/daemon_status.ts")).daemonStatus },
      { name: "run-now", load: async () => (await import("./commands/daemon_run_now.ts")).daemonRunNow },
    ],
  },
  {
    name: "service",
    summary: "Run the daemon as a service",
    commands: [
      { name: "install", load: async () => (await import("./commands/service_install.ts")).serviceInstall },
      {
        name: "uninstall",
        load: async () => (await import("./commands/service_uninstall.ts")).serviceUninstall,
      },
      { name: "print", load: async () => (await import("./commands/service_print.ts")).servicePrint },
    ],
  },
  {
    name: "config",
    summary: "Check, show and change the configuration",
    commands: [
      { name: "check", load: async () => (await import("./commands/config_check.ts")).configCheck },
      { name: "show", load: async () => (await import("./commands/config_show.ts")).configShow },
      { name: "get", load: async () => (await import("./commands/config_get.ts")).configGet },
      { name: "set", load: async () => (await import("./commands/config_set.ts")).configSet },
      { name: "edit", load: async () => (await import("./commands/config_edit.ts")).configEdit },
      { name: "schema", load: async () => (await import("./commands/config_schema.ts")).configSchema },
    ],
  },
  {
    name: "store",
    summary: "Look into the store",
    commands: [
      { name: "info", load: async () => (await import("./commands/store_info.ts")).storeInfo },
    ],
  },
];

const COMMANDS: readonly ListedCommand[] = [
  { name: "init", load: async () => (await import("./commands/init.ts")).init },
  { name: "keygen", load: async () => (await import("./commands/keygen.ts")).keygen },
  { name: "restore", load: async () => (await import("./commands/restore.ts")).restore },
  { name: "mount", load: async () => (await import("./commands/mount.ts")).mount },
  { name: "serve", load: async () => (await import("./commands/serve.ts")).serve },
  { name: "browse", load: async () => (await import("./commands/browse.ts")).browse },
  { name: "ls", load: async () => (await import("./commands/ls.ts")).ls },
  { name: "cat", load: async () => (await import("./commands/cat.ts")).cat },
  { name: "dump", load: async () => (await import("./commands/dump.ts")).dump },
  { name: "diff", load: async () => (await import("./commands/diff.ts")).diff },
  { name: "find", load: async () => (await import("./commands/find.ts")).find },
  { name: "history", load: async () => (await import("./commands/history.ts")).history },
  { name: "stats", load: async () => (await import("./commands/stats.ts")).stats },
  { name: "export", load: async () => (await import("./commands/export.ts")).exportEntries },
  { name: "repair", load: async () => (await import("./commands/repair.ts")).repair },
  { name: "prune", load: async () => (await import("./commands/prune.ts")).prune },
  { name: "copy", load: async () => (await import("./commands/copy.ts")).copy },
  { name: "doctor", load: async () => (await import("./commands/doctor.ts")).doctor },
  { name: "drill", load: async () => (await import("./commands/drill.ts")).drill },
  { name: "self-test", load: async () => (await import("./commands/self_test.ts")).selfTest },
  { name: "status", load: async () => (await import("./commands/status.ts")).status },
  { name: "info", load: async () => (await import("./commands/info.ts")).info },
  {
    name: "completion",
    load: async () => (await import("./commands/completion.ts")).completion(commandEntries),
  },
  { name: "man", load: async () => (await import("./commands/man.ts")).man(commandEntries) },
  { name: "version", load: async () => (await import("./commands/version.ts")).version },
];

export const SUMMARY = "Encrypted backups that need no secret key on the machine that is backed up";

export const GLOBAL_OPTIONS = [
  flag("-c, --config <file>", "configuration (default: VAULTIK_CONFIG or /etc/vaultik/config.yml)"),
];

/** Commands that were loaded. */
export interface LoadedCommands {
  readonly groups: readonly CommandGroup[];
  readonly specs: readonly CommandSpec[];
}

/** The command that `argv` names, or the group; all of them where it names none. */
export async function commandsFor(argv: readonly string[]): Promise<LoadedCommands> {
  const [first, second] = operands(argv);
  const alone = COMMANDS.filter(({ name }) => name === first);
  if (alone.length > 0) return { groups: [], specs: await loadAll(alone) };
  const group = GROUPS.find(({ name }) => name === first);
  if (group === undefined) return await allCommands();
  const inner = group.commands.filter(({ name }) => name === second);
  return { groups: [await loadGroup(group, inner.length > 0 ? inner : group.commands)], specs: [] };
}

/** All commands as data, for completion, manual pages and the reference. */
export async function commandEntries(): Promise<CommandEntry[]> {
  const { groups, specs } = await allCommands();
  return commandTable(SUMMARY, groups, specs, [...GLOBAL_OPTIONS, flag("-h, --help", "show the help")]);
}

async function allCommands(): Promise<LoadedCommands> {
  const groups = await Promise.all(GROUPS.map((group) => loadGroup(group, group.commands)));
  return { groups, specs: await loadAll(COMMANDS) };
}

async function loadGroup(
  { name, summary }: ListedGroup,
  commands: readonly ListedCommand[],
): Promise<CommandGroup> {
  return { name, summary, specs: await loadAll(commands) };
}

function loadAll(commands: readonly ListedCommand[]): Promise<CommandSpec[]> {
  return Promise.all(commands.map((command) => command.load()));
}

/** The words that are neither options nor the values of options that every command takes. */
function operands(argv: readonly string[]): string[] {
  const valued = GLOBAL_OPTIONS.filter(({ required }) => required).flatMap((
    { short, long },
  ) => [short, long]);
  return argv.filter((word, i) => !word.startsWith("-") && !(i > 0 && valued.includes(argv[i - 1])));
}
