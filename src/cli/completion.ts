import { atLeast } from "../base/at_least.ts";
import type { CommandEntry, OptionEntry } from "./command_table.ts";

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

function bashScript(table: readonly CommandEntry[]): string {
  const paths = table.map(({ path }) => path).filter((path) => path !== "");
  return `# Completion of vaultik
_vaultik() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" next word words options i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    next="\${path:+$path }$word"
    case "$next" in
    ${paths.map(quoted).join("|")}) path="$next" ;;
    esac
  done
  COMPREPLY=()
  case "\${path:+$path }\${COMP_WORDS[COMP_CWORD - 1]}" in
${table.flatMap(bashValues).join("\n")}
  esac
  case "$path" in
${table.map(bashCase).join("\n")}
  esac
  [[ "$current" == -* ]] && words="$options"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _vaultik vaultik
`;
}

function bashCase({ path, commands, words, options }: CommandEntry): string {
  const names = options.flatMap(({ names }) => names);
  return `    ${quoted(path)}) words=${quoted([...commands, ...words].join(" "))}; options=${
    quoted(names.join(" "))
  } ;;`;
}

/** For options with a value: their words, or nothing, so that file names are completed. */
function bashValues({ path, options }: CommandEntry): string[] {
  return options.filter(({ takesValue }) => takesValue).map(({ names, choices }) => {
    const patterns = names.map((name) => quoted(`${path} ${name}`.trimStart())).join("|");
    const reply = choices.length === 0
      ? ""
      : ` COMPREPLY=($(compgen -W ${quoted(choices.join(" "))} -- "$current"));`;
    return `    ${patterns})${reply} return ;;`;
  });
}

function fishScript(table: readonly CommandEntry[]): string {
  const summaries = new Map(table.map(({ path, summary }) => [path, summary]));
  const paths = table.map(({ path }) => path).filter((path) => path !== "");
  return `# Completion of vaultik
function __vaultik_at
  set -l path
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$path $word")
    if contains -- "$next" ${paths.map(quoted).join(" ")}
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
  const at = `complete -c vaultik -n ${quoted(`__vaultik_at ${quoted(path)}`)}`;
  return [
    ...commands.map((word) => {
      const summary = summaries.get(`${path} ${word}`.trimStart()) ?? "";
      return `${at} -f -a ${word} -d ${quoted(summary)}`;
    }),
    ...(words.length === 0 ? [] : [`${at} -f -a ${quoted(words.join(" "))}`]),
    ...options.map((option) => `${at} ${fishOption(option)}`),
  ];
}

function fishOption({ names, takesValue, choices, description }: OptionEntry): string {
  const flags = names.map((name) => name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`);
  const value = !takesValue ? "" : choices.length === 0 ? " -r" : ` -x -a ${quoted(choices.join(" "))}`;
  return `${flags.join(" ")}${value} -d ${quoted(description)}`;
}

/** For any of the shells: within single quotes nothing is special but their end. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
