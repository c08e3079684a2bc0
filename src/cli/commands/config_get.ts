import { NotFoundError } from "../../base/errors.ts";
import { keyPath, valueAt, yamlText } from "../../config/edit.ts";
import { masked } from "../../config/mask.ts";
import { defaultOf, keyPaths } from "../../config/key_paths.ts";
import { configPath } from "../../config/load.ts";
import { expansionOf } from "../../config/machine.ts";
import { readConfiguration } from "../../config/read.ts";
import { type CommandSpec } from "../command.ts";
import { checkKey } from "../config_file.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";

export const configGet: CommandSpec<OutputOptions> = {
  usage: "get <key>",
  summary: "Print the value of one key, or its default",
  details: "A key is a path as in snapshots.home.paths. Secrets are printed as ***.",
  options: [JSON_OPTION()],
  exits: [4],
  words: () => keyPaths().filter((path) => !path.includes("*")),
  example: "vaultik config get s3.endpoint",

  async run({ args: [key], options, io }) {
    using output = new Output(io, options);
    const path = keyPath(key);
    checkKey(key, path);
    const environment = (name: string) => io.env(name);
    const file = configPath(options.config, environment);
    const { value, sourceOf } = await readConfiguration(file, expansionOf(environment));
    const said = valueAt(value, path) ?? undefined;
    const shown = said === undefined ? defaultOf(path) : masked(said, path);
    if (shown === undefined) {
      throw new NotFoundError(`Cannot get ${key}: ${file} does not say it, and it has no fixed default`);
    }
    const source = said === undefined ? undefined : sourceOf(key);
    output.result(
      { key, value: { toJSON: () => shown }, source, isDefault: said === undefined },
      yamlText(shown),
    );
    return 0;
  },
};
