// Writes docs/json: a JSON schema of what each command prints with --json. `deno task json-schemas`
import type { JsonSchema } from "./json_kinds.ts";
import { SHAPES } from "./json_shapes.ts";

/** Raised by a change that a reader of the output has to know of: a member that goes, or that means something else. */
export const JSON_VERSION = 1;

const DIRECTORY = new URL("../docs/json/", import.meta.url);

/** All schemas by the names of their files. */
export function jsonSchemas(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    Object.entries(SHAPES).map(([name, [commands, shape]]) => [`${name}.schema.json`, {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: `urn:vaultik:json:${JSON_VERSION}:${name}`,
      title: `vaultik ${commands}`,
      ...shape,
    }]),
  );
}

if (import.meta.main) {
  await Deno.mkdir(DIRECTORY, { recursive: true });
  for (const [name, schema] of Object.entries(jsonSchemas())) {
    await Deno.writeTextFile(new URL(name, DIRECTORY), JSON.stringify(schema, null, 2) + "\n");
  }
}
