import { shellQuoted } from "../base/shell_word.ts";
import type { CommandEntry } from "./command_entry.ts";

/** Also for zsh, which can take those of bash. */
export function bashScript(table: readonly CommandEntry[]): string {
  const paths = table.map(({ path }) => path).filter((path) => path !== "");
  return `# Completion of vaultik
_vaultik() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" next word words options i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    next="\${path:+$path }$word"
    case "$next" in
    ${paths.map(shellQuoted).join("|")}) path="$next" ;;
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
  return `    ${shellQuoted(path)}) words=${shellQuoted([...commands, ...words].join(" "))}; options=${
    shellQuoted(names.join(" "))
  } ;;`;
}

/** For options with a value: their words, or nothing, so that file names are completed. */
function bashValues({ path, options }: CommandEntry): string[] {
  return options.filter(({ takesValue }) => takesValue).map(({ names, choices }) => {
    const patterns = names.map((name) => shellQuoted(`${path} ${name}`.trimStart())).join("|");
    const reply = choices.length === 0
      ? ""
      : ` COMPREPLY=($(compgen -W ${shellQuoted(choices.join(" "))} -- "$current"));`;
    return `    ${patterns})${reply} return ;;`;
  });
}
