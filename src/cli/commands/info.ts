import { withoutVariables } from "../../config/mask.ts";
import { readHostKeys } from "../../operations/host_keys.ts";
import { hostOf } from "../../read/sealed_keys.ts";
import { publicKeyOf } from "../../seal/signature.ts";
import type { CommandSpec } from "../command.ts";
import { indexState } from "../index_state.ts";
import { infoText } from "../info_text.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";
import { readConfig } from "../session.ts";
import { versions } from "./version.ts";

export const info: CommandSpec<OutputOptions> = {
  usage: "info",
  summary: "Show the configuration in effect (without secrets), the state of the index, and versions",
  options: [JSON_OPTION()],
  example: "vaultik info",

  async run({ options, io }) {
    using output = new Output(io, options);
    const { path, config } = await readConfig(options, io, output);
    const index = await indexState(config.indexPath);
    const keys = readHostKeys(config.indexPath);
    const host = keys && {
      id: hostOf(keys),
      hostname: config.hostname,
      key: publicKeyOf(keys.signingKey),
      namesKey: keys.namesKey,
    };
    output.result(
      { configPath: path, config: withoutVariables(config), host, index, versions: versions() },
      infoText(path, config, host, index),
    );
    return 0;
  },
};
