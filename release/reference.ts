import { join } from "node:path";
import { ROOT } from "../bench/packages.ts";
import { atLeast } from "../src/base/at_least.ts";
import { commandEntries } from "../src/cli/command_list.ts";
import { EXITS } from "../src/cli/command.ts";
import type { CommandEntry, OptionEntry } from "../src/cli/command_entry.ts";
import { configJsonSchema } from "../src/config/json_schema.ts";

// Writes docs/reference: commands from the command table, configuration from the schema.

const MADE = "Made by `deno task reference`; do not edit.";

/** A text as one cell of a table, in which nothing is taken for a tag or an end of the cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll("\n", " ");
}

function code(text: string): string {
  return text === "" ? "" : `\`${text.replaceAll("|", "\\|")}\``;
}

export function commandsPage(entries: readonly CommandEntry[]): string {
  const [program, ...all] = atLeast(1, entries);
  const commands = all.filter((entry) => entry.commands.length === 0);
  return [
    `# Commands\n\n${MADE} \`vaultik COMMAND --help\` shows the same.`,
    `| command | |\n| --- | --- |\n${
      commands.map(({ path, summary }) =>
        `| [\`${path}\`](#vaultik-${path.replaceAll(" ", "-")}) | ${cell(summary)} |`
      ).join("\n")
    }`,
    `Every command takes these options:\n\n${optionsTable(program.options)}`,
    `## Exit codes\n\n| code | meaning |\n| --- | --- |\n${
      [...EXITS].map(([code, meaning]) => `| ${code} | ${cell(meaning)} |`).join("\n")
    }`,
    ...commands.map(commandSection),
  ].join("\n\n") + "\n";
}

function commandSection({ path, summary, details, args, options, exits, example }: CommandEntry): string {
  const codes = [0, 1, 2, ...exits, 130].join(", ");
  return [
    `## vaultik ${path}`,
    `${cell(summary)}.${details === undefined ? "" : ` ${cell(details)}`}`,
    `    vaultik ${path}${args === "" ? "" : ` ${args}`}${options.length === 0 ? "" : " [options]"}`,
    ...options.length === 0 ? [] : [optionsTable(options)],
    `Exit codes: ${codes}.${example === undefined ? "" : ` Example:\n\n    ${example}`}`,
  ].join("\n\n");
}

function optionsTable(options: readonly OptionEntry[]): string {
  const rows = options.map(({ flags, description, choices }) => {
    const among = choices.length === 0 ? "" : ` (${choices.join(", ")})`;
    return `| ${code(flags)} | ${cell(description)}${among} |`;
  });
  return `| option | |\n| --- | --- |\n${rows.join("\n")}`;
}

interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly required?: readonly string[];
}

export function configurationPage(schema: Schema): string {
  const rows = rowsBelow(schema, "");
  return `# Keys of the configuration\n\n${MADE} [Configuration](../configuration.md) says how files, variables and secrets work;
[config.schema.json](../config.schema.json) is the same for editors. \`NAME\` stands for a name of yours.

| key | default | meaning |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function rowsBelow(schema: Schema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const path = prefix + name;
    const isRequired = schema.required?.includes(name) ?? false;
    const fallback = isRequired ? "required" : code(defaultOf(inner));
    const row = `| ${code(path)} | ${fallback} | ${
      cell([inner.description, allowed(inner)].filter(Boolean).join("; "))
    } |`;
    return [row, ...variantsOf(inner).flatMap((variant) => below(variant, path))];
  });
}

function below(schema: Schema, path: string): string[] {
  const named = schema.additionalProperties;
  const inner = typeof named === "object" ? rowsBelow(named, `${path}.NAME.`) : [];
  return [...rowsBelow(schema, `${path}.`), ...inner];
}

/** The schema itself, and what it may be instead; elements of a list count as what is below it. */
function variantsOf(schema: Schema): Schema[] {
  return [schema, ...schema.items === undefined ? [] : [schema.items], ...schema.anyOf ?? []];
}

function defaultOf(schema: Schema): string {
  const value = schema.default;
  if (
    value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0)
  ) return "";
  return typeof value === "string"
    ? value
    : JSON.stringify(value).replaceAll('"', "").replaceAll(",", ", ").replaceAll(":", ": ");
}

function allowed(schema: Schema): string | undefined {
  if (schema.enum !== undefined) return schema.enum.map(String).join(" or ");
  if (schema.minimum === undefined || schema.maximum === undefined) return undefined;
  return `${schema.minimum} to ${schema.maximum}`;
}

export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["docs/reference/commands.md", commandsPage(await commandEntries())],
    ["docs/reference/configuration.md", configurationPage(configJsonSchema() as Schema)],
  ]);
}

if (import.meta.main) {
  await Deno.mkdir(join(ROOT, "docs/reference"), { recursive: true });
  for (const [path, text] of await referencePages()) await Deno.writeTextFile(join(ROOT, path), text);
}
