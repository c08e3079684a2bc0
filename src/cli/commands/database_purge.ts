import { formatSize } from "../../base/units.ts";
import { removeIndex, sizeOfIndex } from "../../operations/remove_index.ts";
import { type CommandSpec, flag } from "../command.ts";
import { type ConfirmOptions, isConfirmed } from "../confirm.ts";
import { Output, OUTPUT_OPTIONS } from "../output.ts";
import { readConfig } from "../session.ts";

export const databasePurge: CommandSpec<ConfirmOptions> = {
  usage: "purge",
  summary: "Delete the index; the next backup reads and stores everything again",
  details:
    "Nothing in the store is touched, and the key of this host stays. vaultik index rebuild saves the uploads.",
  options: [flag("--force", "delete without asking"), ...OUTPUT_OPTIONS()],
  exits: [4],
  example: "vaultik database purge",

  async run({ options, io }) {
    using output = new Output(io, options);
    const { config: { indexPath } } = await readConfig(options, io, output);
    const bytes = sizeOfIndex(indexPath);
    if (!options.force && !options.json) {
      output.text.say(`To be deleted: ${indexPath} (${formatSize(bytes)})`);
    }
    if (!await isConfirmed(`delete ${indexPath}`, options, io)) {
      output.text.say("Nothing was deleted");
      return 0;
    }
    removeIndex(indexPath);
    output.result({ deleted: indexPath, bytes }, `Deleted ${indexPath} (${formatSize(bytes)})`);
    return 0;
  },
};
