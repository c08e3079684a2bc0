import { type Argument, Command, Option } from "commander";
import type { Io } from "./io.ts";

/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly config?: string;
}

export interface Call<Options> {
  /** As `usage` names them, in order. */
  readonly args: readonly any[];
  readonly options: Options & GlobalOptions;
  readonly io: Io;
}

/** A command as data; one file of `commands/` each. */
export interface CommandSpec<Options = any> {
  /** Last word of its name, and its arguments in commander's notation: `verify <id>`. */
  readonly usage: string;
  readonly summary: string;
  /** Instead of those in `usage`, where they say more. */
  readonly arguments?: readonly Argument[];
  /** Words that its arguments may be, for completion. */
  readonly words?: () => readonly string[];
  /** More for the help, after the summary. */
  readonly details?: string;
  readonly options?: readonly Option[];
  /** Exit codes that it has beside 0, 1, 2 and 130. */
  readonly exits?: readonly number[];
  /** The line to type. */
  readonly example: string;

  /** Does the work through one operation, prints, and returns the exit code; never exits. */
  run(call: Call<Options>): Promise<number>;
}

/** The meaning of each exit code; `exits` overrides the text for one command. */
export const EXITS: ReadonlyMap<number, string> = new Map([
  [0, "done"],
  [1, "this machine could not do it (disk full, no right, index in use), or a bug"],
  [2, "the command, the configuration, a key or a permission has to be corrected"],
  [
    3,
    "done, but for some files that could not be read (restore: devices that only root may make), or the sources look wrong",
  ],
  [4, "what was asked for is not there"],
  [5, "data in the store is damaged"],
  [6, "the store did not answer"],
  [130, "interrupted"],
]);

export function flag(flags: string, description: string): Option {
  return new Option(flags, description);
}

/** An option that may be given several times. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: string[] | undefined) => [
    ...before ?? [],
    value,
  ]);
}

/** Does what a command is for. */
export type Perform = (spec: CommandSpec, call: Call<any>) => Promise<number>;

export function toCommand(
  spec: CommandSpec,
  { io, done, perform }: {
    readonly io: Io;
    readonly done: (exitCode: number) => void;
    readonly perform: Perform;
  },
): Command {
  const command = new Command(spec.usage.split(" ")[0]);
  command.description(spec.details === undefined ? spec.summary : `${spec.summary}\n\n${spec.details}`);
  command.summary(spec.summary);
  const plain = spec.arguments === undefined ? spec.usage.split(" ").slice(1) : [];
  for (const word of plain) command.argument(word);
  for (const argument of spec.arguments ?? []) command.addArgument(argument);
  for (const option of spec.options ?? []) command.addOption(option);
  command.addHelpText("after", helpEnd(spec.exits ?? [], spec.example));
  return command.action(async (...given: any[]) => {
    const args = given.slice(0, -2);
    done(await perform(spec, { args, options: command.optsWithGlobals(), io }));
  });
}

export function helpEnd(extra: readonly number[], example: string): string {
  const codes = [...new Set([0, 1, 2, ...extra, 130])].sort((a, b) => a - b);
  const lines = codes.map((code) => `  ${String(code).padEnd(4)} ${EXITS.get(code)}`);
  return `\nExit codes:\n${lines.join("\n")}\n\nExample:\n  ${example}`;
}
