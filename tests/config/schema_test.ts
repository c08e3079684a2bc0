import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/config.ts";
import { configJsonSchema, type JsonSchema } from "../../src/config/json_schema.ts";

const DEFAULTS = { hostname: "web1", indexPath: "/var/lib/vaultik/index.sqlite", cores: 2 };

Deno.test("docs/config.schema.json is made from the schema: deno task config-schema", async () => {
  const kept = await Deno.readTextFile(new URL("../../docs/config.schema.json", import.meta.url));
  assert.deepEqual(JSON.parse(kept), JSON.parse(JSON.stringify(configJsonSchema())));
});

Deno.test("every key says in the JSON schema what it means", () => {
  const keys: string[] = [];
  const visit = (schema: JsonSchema, path: string) => {
    for (const [key, inner] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
      keys.push(`${path}${key}`);
      assert.ok(String(inner.description ?? "").length > 3, `${path}${key}`);
      visit(inner, `${path}${key}.`);
    }
    if (schema.items !== undefined) visit(schema.items as JsonSchema, `${path.slice(0, -1)}[].`);
    if (typeof schema.additionalProperties === "object") {
      visit(schema.additionalProperties as JsonSchema, `${path}*.`);
    }
    for (const inner of (schema.anyOf ?? []) as JsonSchema[]) visit(inner, path);
  };
  visit(configJsonSchema(), "");
  for (
    const key of [
      "age_recipients",
      "s3.part_size",
      "snapshots.*.paths",
      "limits.schedule[].from",
      "guard.files",
    ]
  ) {
    assert.ok(keys.includes(key), key);
  }
});

Deno.test("names that every object of the language has are no keys", () => {
  for (const name of ["constructor", "toString", "__proto__"]) {
    const within = (map: object) =>
      Object.defineProperty({ ...map }, name, { value: {}, enumerable: true, configurable: true });
    const base = { age_recipients: [], storage_url: "file:///x" };
    for (const value of [within(base), { ...base, snapshots: within({}) }, { ...base, s3: within({}) }]) {
      assert.throws(() => parseConfig(value, "c.yml", DEFAULTS), new RegExp(`no key ${name}`));
    }
  }
});
