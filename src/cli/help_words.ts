import type { Command } from "commander";
import { UsageError } from "../base/errors.ts";
import { suggestionFor } from "../config/suggestion.ts";

/** What `help snapshot create` means: `snapshot create --help`. Other words are as they were. Throws `UsageError` for what is no command. */
export function expandHelp(argv: readonly string[], program: Command): readonly string[] {
  const at = argv.indexOf("help");
  if (at < 0 || argv.slice(0, at).some((word) => !isGroup(program, word))) return argv;
  const words = [...argv.slice(0, at), ...argv.slice(at + 1)].filter((word) => !word.startsWith("-"));
  let command = program;
  for (const [i, word] of words.entries()) {
    const inner = command.commands.find((one) => one.name() === word);
    if (inner === undefined) throw unknown(words.slice(0, i), word, command);
    command = inner;
  }
  return [...words, "--help"];
}

function isGroup(program: Command, word: string): boolean {
  return program.commands.some((command) => command.name() === word && command.commands.length > 0);
}

function unknown(before: readonly string[], word: string, { commands }: Command): UsageError {
  const names = commands.map((command) => command.name());
  const near = suggestionFor(word, names);
  const advice = near === undefined
    ? names.length === 0 ? "it has no subcommands" : `there are ${names.join(", ")}`
    : `did you mean ${[...before, near].join(" ")}?`;
  return new UsageError(
    `Cannot help with "${[...before, word].join(" ")}": there is no such command; ${advice}`,
  );
}
