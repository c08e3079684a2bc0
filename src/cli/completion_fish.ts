import { shellQuoted } from "../base/shell_word.ts";
import type { CommandEntry, OptionEntry } from "./command_entry.ts";

/** With a summary of each command and option. */
export function fishScript(table: readonly CommandEntry[]): string {
  const summaries = new Map(table.map(({ path, summary }) => [path, summary]));
  const paths = table.map(({ path }) => path).filter((path) => path !== "");
  return `# Completion of vaultik
function __vaultik_at
  set -l path
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$path $word")
    if contains -- "$next" ${paths.map(shellQuoted).join(" ")}
      set path $next
    end
  end
  test "$path" = "$argv[1]"
end
${table.flatMap((entry) => fishLines(entry, summaries)).join("\n")}
`;
}

function fishLines(
  { path, commands, words, options }: CommandEntry,
  summaries: ReadonlyMap<string, string>,
): string[] {
  const at = `complete -c vaultik -n ${shellQuoted(`__vaultik_at ${shellQuoted(path)}`)}`;
  return [
    ...commands.map((word) => {
      const summary = summaries.get(`${path} ${word}`.trimStart()) ?? "";
      return `${at} -f -a ${word} -d ${shellQuoted(summary)}`;
    }),
    ...(words.length === 0 ? [] : [`${at} -f -a ${shellQuoted(words.join(" "))}`]),
    ...options.map((option) => `${at} ${fishOption(option)}`),
  ];
}

function fishOption({ names, takesValue, choices, description }: OptionEntry): string {
  const flags = names.map((name) => name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`);
  const value = !takesValue ? "" : choices.length === 0 ? " -r" : ` -x -a ${shellQuoted(choices.join(" "))}`;
  return `${flags.join(" ")}${value} -d ${shellQuoted(description)}`;
}
