import { Argument } from "commander";
import type { CommandEntry } from "../command_entry.ts";
import type { CommandSpec } from "../command.ts";
import { completionScript, type Shell, SHELLS } from "../completion.ts";

/** The command that prints a completion script for the commands in `entries`. */
export function completion(entries: () => Promise<readonly CommandEntry[]>): CommandSpec {
  return {
    usage: "completion <shell>",
    summary: `Print a script that completes commands and options in ${SHELLS.join(", ")}`,
    details: "For bash: vaultik completion bash > /etc/bash_completion.d/vaultik; for zsh, in ~/.zshrc: " +
      'eval "$(vaultik completion zsh)"; for fish: vaultik completion fish > ~/.config/fish/completions/vaultik.fish',
    arguments: [new Argument("<shell>").choices(SHELLS)],
    words: () => SHELLS,
    example: "vaultik completion bash > /etc/bash_completion.d/vaultik",

    async run({ args: [shell], io }) {
      io.stdout(completionScript(shell as Shell, await entries()));
      return 0;
    },
  };
}
