import type { Entry } from "../../model/entry.ts";
import { onlyPath } from "../../model/path_pattern.ts";
import type { CommandSpec } from "../command.ts";
import { absolutePath } from "../snapshot_path.ts";
import { type FindFlags, search, SHARED_OPTIONS, VERSIONS } from "../search_versions.ts";

export const history: CommandSpec<FindFlags> = {
  usage: "history <path>",
  summary: "Show every version of a file or directory, and which snapshots have it",
  details: VERSIONS,
  options: SHARED_OPTIONS(),
  exits: [4, 5, 6],
  example: "vaultik history /etc/hosts --identity key.txt",

  async run({ args: [text], options, io }) {
    const path = absolutePath(text);
    const matches = (entry: Entry) => entry.path === path;
    return await search({ within: path, at: onlyPath(path), matches, what: text }, [], options, io);
  },
};
