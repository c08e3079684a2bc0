import { CorruptionError, exitCodeOf } from "../../base/errors.ts";
import { formatCount, formatSize } from "../../base/units.ts";
import { resolveSnapshot } from "../../operations/snapshots.ts";
import { verifySnapshot } from "../../operations/verify.ts";
import { type CommandSpec, flag } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions, workerCount } from "../session.ts";

interface VerifyOptions extends OutputOptions, StoreOptions {
  readonly deep?: boolean;
  readonly identity?: string;
}

export const snapshotVerify: CommandSpec<VerifyOptions> = {
  usage: "verify <id>",
  summary: "Check that a snapshot can be restored",
  details:
    "<id> is the id of a snapshot, the unique beginning of one, or latest. Without --deep: every object that the snapshot " +
    "needs is in the store and has its size; needs no key.",
  options: [
    flag("--deep", "fetch and open everything and check every hash; needs the identity"),
    IDENTITY_OPTION(),
    ...STORE_OPTIONS(),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [4, 5, 6],
  example: "vaultik snapshot verify latest --deep --identity key.txt",

  async run({ args: [id], options, io }) {
    using output = new Output(io, options);
    const deep = options.deep ?? false;
    const identities = deep ? await findIdentities(options.identity, io) : [];
    await using tools = await openSession(options, io, output);
    const snapshotId = await resolveSnapshot(tools, id);
    const summary = await verifySnapshot(tools, { snapshotId, deep, identities, readers: workerCount() });
    const checked = `${formatCount(summary.objects)} objects, ${formatSize(summary.bytes)}`;
    if (summary.problems.length === 0) {
      output.result(
        summary,
        `${summary.id} is sound: ${checked}, ${deep ? "all opened and hashed" : "all there"}`,
        tools.traffic.take(),
      );
      return 0;
    }
    output.result(summary, `${summary.id}: checked ${checked}`, tools.traffic.take());
    output.text.warn(`DAMAGED: ${summary.id} has ${formatCount(summary.problems.length)} problems:`);
    for (const problem of summary.problems) output.text.warn(`  ${problem}`);
    return exitCodeOf(new CorruptionError());
  },
};
