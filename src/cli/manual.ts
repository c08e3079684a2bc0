import { atLeast } from "../base/at_least.ts";
import type { CommandEntry, OptionEntry } from "./command_entry.ts";

// Manual pages in the macros of man(7), made from the command table: pure.

export interface ManualPage {
  /** `vaultik-snapshot-list.1`. */
  readonly name: string;
  readonly text: string;
}

/** A page for each command, each group and the program; `exits` are the meanings of exit codes. */
export function manualPages(
  table: readonly CommandEntry[],
  exits: ReadonlyMap<number, string>,
  version: string,
): ManualPage[] {
  const [program] = atLeast(1, table);
  return table.map((entry) => ({
    name: `${pageOf(entry.path)}.1`,
    text: [
      `.TH ${pageOf(entry.path).toUpperCase()} 1 "" "Vaultik ${version}" "Vaultik"`,
      ...section("NAME", [`${pageOf(entry.path)} \\- ${escaped(entry.summary)}`]),
      ...section("SYNOPSIS", synopsis(entry)),
      ...(entry.details === undefined ? [] : section("DESCRIPTION", [escaped(entry.details)])),
      ...(entry.commands.length === 0 ? [] : section("COMMANDS", commandsBelow(entry, table))),
      ...(entry.options.length === 0 ? [] : section("OPTIONS", entry.options.flatMap(option))),
      ...(entry === program ? [] : section("GLOBAL OPTIONS", program.options.flatMap(option))),
      ...section("EXIT STATUS", exitLines(entry, exits)),
      ...(entry.example === undefined ? [] : section("EXAMPLE", [".nf", escaped(entry.example), ".fi"])),
      ...section("SEE ALSO", [seeAlso(entry.path)]),
      "",
    ].join("\n"),
  }));
}

function pageOf(path: string): string {
  return ["vaultik", ...path.split(" ")].filter((word) => word !== "").join("-");
}

function section(title: string, lines: readonly string[]): string[] {
  return [`.SH ${title}`, ...lines];
}

function synopsis({ path, args, commands }: CommandEntry): string[] {
  const rest = commands.length > 0 ? "<command>" : args;
  return [`.B vaultik ${escaped(path)}`.trimEnd(), `[options] ${escaped(rest)}`.trimEnd()];
}

function commandsBelow({ path, commands }: CommandEntry, table: readonly CommandEntry[]): string[] {
  return commands.flatMap((name) => {
    const inner = `${path} ${name}`.trimStart();
    const summary = table.find((entry) => entry.path === inner)?.summary ?? "";
    return [".TP", `.B ${escaped(name)}`, escaped(summary)];
  });
}

function option({ flags, description }: OptionEntry): string[] {
  return [".TP", `.B ${escaped(flags)}`, escaped(description)];
}

function exitLines({ exits }: CommandEntry, meanings: ReadonlyMap<number, string>): string[] {
  const codes = [...new Set([0, 1, 2, ...exits, 130])].sort((a, b) => a - b);
  return codes.flatMap((code) => [".TP", `.B ${code}`, escaped(meanings.get(code) ?? "")]);
}

function seeAlso(path: string): string {
  const above = path.includes(" ") ? `.BR ${escaped(pageOf(path.split(" ")[0]!))} (1),` : "";
  return [above, path === "" ? "age(1), zstd(1)" : ".BR vaultik (1)"].filter((line) => line !== "").join(
    "\n",
  );
}

/** Text as roff takes it: hyphens stay hyphens, and no line is a macro by accident. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^(?=[.'])/gm, "\\&").replaceAll(
    "\n\n",
    "\n.PP\n",
  );
}
