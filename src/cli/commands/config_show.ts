import { valueAt, yamlText } from "../../config/edit.ts";
import { masked } from "../../config/mask.ts";
import { defaultOf, keyPaths } from "../../config/key_paths.ts";
import { configPath } from "../../config/load.ts";
import { expansionOf } from "../../config/machine.ts";
import { readConfiguration } from "../../config/read.ts";
import { type CommandSpec, flag } from "../command.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";

interface ShowOptions extends OutputOptions {
  readonly defaults?: boolean;
}

export const configShow: CommandSpec<ShowOptions> = {
  usage: "show",
  summary: "Show what the configuration and the files that it includes say together, without secrets",
  options: [JSON_OPTION(), flag("--defaults", "also keys that are not said, with their defaults")],
  example: "vaultik config show --defaults",

  async run({ options, io }) {
    using output = new Output(io, options);
    const environment = (name: string) => io.env(name);
    const path = configPath(options.config, environment);
    const { value, files } = await readConfiguration(path, expansionOf(environment));
    const said = masked(value);
    const config = options.defaults ? withDefaults(said) : said;
    output.result({ configPath: path, files, config: { toJSON: () => config } }, yamlText(config));
    return 0;
  },
};

/** Of keys at the top. */
function withDefaults(config: unknown): Record<string, unknown> {
  const all: Record<string, unknown> = { ...config as object };
  for (const key of keyPaths().filter((path) => !path.includes("."))) {
    const fallback = defaultOf([key]);
    if (valueAt(all, [key]) === undefined && fallback !== undefined) all[key] = fallback;
  }
  return all;
}
