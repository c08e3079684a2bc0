import type { CommandEntry } from "../command_entry.ts";
import { type CommandSpec, EXITS } from "../command.ts";
import { manualPages } from "../manual.ts";
import { VERSION } from "../version.ts";

/** The command that writes manual pages of the commands in `entries`. */
export function man(entries: () => Promise<readonly CommandEntry[]>): CommandSpec {
  return {
    usage: "man <directory>",
    summary: "Write the manual pages of all commands into a directory",
    details: "For the whole machine /usr/local/share/man/man1. Pages that are there already are replaced.",
    example: "vaultik man /usr/local/share/man/man1",

    async run({ args: [directory], io }) {
      await Deno.mkdir(directory, { recursive: true });
      const pages = manualPages(await entries(), EXITS, VERSION);
      for (const { name, text } of pages) await Deno.writeTextFile(`${directory}/${name}`, text);
      io.stdout(`Wrote ${pages.length} pages into ${directory}\n`);
      return 0;
    },
  };
}
