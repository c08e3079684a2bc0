// Writes docs/config.schema.json again from the schema: `deno task config-schema`.
import { configJsonSchema } from "../src/config/json_schema.ts";

await Deno.writeTextFile(
  new URL("../docs/config.schema.json", import.meta.url),
  JSON.stringify(configJsonSchema(), null, 2) + "\n",
);
