import { configJsonSchema } from "../../config/json_schema.ts";
import type { CommandSpec } from "../command.ts";

export const configSchema: CommandSpec = {
  usage: "schema",
  summary: "Print the JSON schema of the configuration, for editors",
  example: "vaultik config schema > /etc/vaultik/config.schema.json",

  run({ io }) {
    io.stdout(JSON.stringify(configJsonSchema(), null, 2) + "\n");
    return Promise.resolve(0);
  },
};
