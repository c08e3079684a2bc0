import type { Option } from "commander";
import type { CommandSpec } from "./command.ts";
import type { CommandEntry, OptionEntry } from "./command_entry.ts";

// All commands as data, for completion and manual pages: pure.

export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly specs: readonly CommandSpec[];
}

/** The program, its groups and all commands; `global` are options that every command takes. */
export function commandTable(
  summary: string,
  groups: readonly CommandGroup[],
  specs: readonly CommandSpec[],
  global: readonly Option[],
): CommandEntry[] {
  const names = [...groups.map(({ name }) => name), ...specs.map(nameOf)];
  return [
    { ...NOTHING, path: "", summary, commands: names, options: global.map(optionEntry) },
    ...groups.flatMap((group) => [
      { ...NOTHING, path: group.name, summary: group.summary, commands: group.specs.map(nameOf) },
      ...group.specs.map((spec) => entryOf(spec, `${group.name} `)),
    ]),
    ...specs.map((spec) => entryOf(spec, "")),
  ];
}

const NOTHING = { args: "", words: [], commands: [], options: [], exits: [] };

function nameOf({ usage }: CommandSpec): string {
  return usage.split(" ")[0]!;
}

function entryOf(spec: CommandSpec, before: string): CommandEntry {
  return {
    path: before + nameOf(spec),
    summary: spec.summary,
    details: spec.details,
    args: spec.usage.split(" ").slice(1).join(" "),
    words: spec.words?.() ?? [],
    commands: [],
    options: (spec.options ?? []).map(optionEntry),
    exits: spec.exits ?? [],
    example: spec.example,
  };
}

function optionEntry(
  { flags, short, long, description, required, optional, argChoices }: Option,
): OptionEntry {
  return {
    flags,
    names: [short, long].filter((name) => name !== undefined && name !== null),
    description,
    takesValue: required || optional,
    choices: argChoices ?? [],
  };
}
