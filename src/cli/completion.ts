import { atLeast } from "../base/at_least.ts";
import type { CommandEntry } from "./command_entry.ts";
import { bashScript } from "./completion_bash.ts";
import { fishScript } from "./completion_fish.ts";

// Completion scripts, made from the command table: pure.

export type Shell = "bash" | "zsh" | "fish";
export const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

/** A script for `shell` that completes commands, options and their values, and file names elsewhere. */
export function completionScript(shell: Shell, table: readonly CommandEntry[]): string {
  const [program, ...commands] = atLeast(1, table);
  const complete = [
    program,
    ...commands.map((command) => ({ ...command, options: [...command.options, ...program.options] })),
  ];
  if (shell === "fish") return fishScript(complete);
  return shell === "bash" ? bashScript(complete) : zshScript(complete);
}

function zshScript(table: readonly CommandEntry[]): string {
  return `#compdef vaultik\n(( $+functions[compdef] )) || { autoload -U +X compinit && compinit -u }\nautoload -U +X bashcompinit && bashcompinit\n${
    bashScript(table)
  }`;
}
