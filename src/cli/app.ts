import { Command, CommanderError } from "commander";
import { InterruptedError, UsageError } from "../base/errors.ts";
import { exitCodeOf } from "../base/exit_codes.ts";
import { helpEnd, type Perform, toCommand } from "./command.ts";
import { commandsFor, GLOBAL_OPTIONS, type LoadedCommands, SUMMARY } from "./command_list.ts";
import { afterAbort, errorText } from "./error_text.ts";
import { expandHelp } from "./help_words.ts";
import { logText } from "../report/log_text.ts";
import type { Io } from "./io.ts";
import { VERSION } from "./version.ts";

/** Runs the command in `argv` and returns its exit code; whatever goes wrong has then been said on stderr. */
export async function run(
  argv: readonly string[],
  io: Io,
  perform: Perform = (spec, call) => spec.run(call),
): Promise<number> {
  const verbose = argv.includes("--verbose") || argv.includes("-v");
  let exitCode = 0;
  try {
    const root = program(await commandsFor(argv), { io, done: (code) => exitCode = code, perform });
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

function program({ groups, specs }: LoadedCommands, how: Parameters<typeof toCommand>[1]): Command {
  const { io } = how;
  const root = new Command("vaultik");
  root.description(SUMMARY);
  for (const option of GLOBAL_OPTIONS) root.addOption(option);
  root.version(VERSION, "-V, --version", "show the version");
  root.addHelpText(
    "after",
    helpEnd([3, 4, 5, 6], "vaultik --config /etc/vaultik/config.yml snapshot create"),
  );
  for (const { name, summary, specs: inner } of groups) {
    const group = root.command(name).description(summary).helpCommand(false);
    for (const spec of inner) group.addCommand(toCommand(spec, how));
    group.addHelpText(
      "after",
      helpEnd([...new Set(inner.flatMap(({ exits }) => exits ?? []))], inner[0]!.example),
    );
  }
  for (const spec of specs) root.addCommand(toCommand(spec, how));
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
