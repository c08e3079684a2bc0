import { UsageError } from "../../base/errors.ts";
import { keyPath, withKey, yamlText } from "../../config/edit.ts";
import { masked } from "../../config/mask.ts";
import { keyPaths } from "../../config/key_paths.ts";
import { parseYaml } from "../../config/read.ts";
import { refuser } from "../../config/refusal.ts";
import { type CommandSpec, flag } from "../command.ts";
import { checkKey, configFile, replaceConfig } from "../config_file.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";

interface SetOptions extends OutputOptions {
  readonly unset?: boolean;
}

export const configSet: CommandSpec<SetOptions> = {
  usage: "set <key> [value]",
  summary:
    "Set one key in the configuration file; comments stay, and nothing changes unless the result is sound",
  details:
    "The value is YAML, as in '[/etc, /home]'. What is set in the file itself goes before what it includes.",
  options: [flag("--unset", "take the key out of the file instead"), JSON_OPTION()],
  words: () => keyPaths().filter((path) => !path.includes("*")),
  example: "vaultik config set snapshots.home.exclude '[\"*.iso\"]'",

  async run({ args: [key, given], options, io }) {
    using output = new Output(io, options);
    if ((given === undefined) !== (options.unset ?? false)) {
      throw new UsageError("Cannot set this key: needed is either a value or --unset");
    }
    const path = keyPath(key);
    checkKey(key, path);
    const { path: file, text } = await configFile(options, io);
    const value = given === undefined ? undefined : parseYaml(given, "value");
    await replaceConfig(file, text, withKey(text, path, value ?? undefined, refuser(file)), io);
    const shown = masked(value, path);
    const done = value === undefined ? `took ${key} out` : `set ${key} to ${yamlText(shown)}`;
    output.result({ configPath: file, key, value: { toJSON: () => shown ?? null } }, `${file}: ${done}`);
    return 0;
  },
};
