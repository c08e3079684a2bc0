import { CorruptionError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { formatCount } from "../../base/units.ts";
import { checkIndex } from "../../operations/check_index.ts";
import type { CommandSpec } from "../command.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { openConfigured, ownHost, readConfig } from "../session.ts";

export const indexCheck: CommandSpec<OutputOptions> = {
  usage: "check",
  summary: "Check that the index is sound and that the store has what it says; needs no key",
  options: [...OUTPUT_OPTIONS()],
  exits: [4, 5, 6],
  example: "vaultik index check",

  async run({ options, io }) {
    using output = new Output(io, options);
    const { config } = await readConfig(options, io, output);
    await using tools = await openConfigured(config, io, output);
    const check = await checkIndex(ownHost(tools), config.indexPath);
    const { faults, lost, blobs } = check;
    const isSound = faults.length + lost.length === 0;
    const words = isSound
      ? `${config.indexPath} is sound: ${formatCount(blobs)} blobs, all in the store`
      : config.indexPath;
    output.result(check, words, tools.traffic.take());
    if (isSound) return 0;
    if (faults.length > 0) {
      output.text.warn(
        "DAMAGED: remove the index (vaultik database purge), or rebuild it (vaultik index rebuild):",
      );
      for (const fault of faults) output.text.warn(`  ${fault}`);
    }
    if (lost.length > 0) {
      output.text.warn(`DAMAGED: the store has not what the index says (see vaultik repair):`);
    }
    for (const { object, state } of lost) output.text.warn(`  "${object}" ${state}`);
    return exitCodeOf(new CorruptionError());
  },
};
