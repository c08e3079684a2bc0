import { CorruptionError, NotFoundError, UsageError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { formatCount, formatSize, parsePercent } from "../../base/units.ts";
import { verifySnapshots, type VerifySummary } from "../../operations/verify/verify.ts";
import { chosen } from "../chosen.ts";
import { type CommandSpec, flag } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { warnOfProblem } from "../problem_text.ts";
import { ALL_HOSTS_OPTION, openSession, STORE_OPTIONS, type StoreOptions, threadCount } from "../session.ts";

interface VerifyFlags extends OutputOptions, StoreOptions {
  readonly deep?: boolean;
  readonly checksums?: boolean;
  readonly sample?: string;
  readonly identity?: readonly string[];
}

export const snapshotVerify: CommandSpec<VerifyFlags> = {
  usage: "verify [id...]",
  summary: "Check that snapshots can be restored",
  details:
    "<id> is the id of a snapshot, the unique beginning of one, or latest; without any, all are checked. Without --deep: every " +
    "object that a snapshot needs is in the store and has its size, and every manifest is signed; one listing, no key. With " +
    "--sample 5% twenty runs read everything: where there is an index it remembers what was read when, and the oldest comes " +
    "first; otherwise each day has its part.",
  options: [
    flag(
      "--checksums",
      "ask the store for the SHA-256 that it has of each object: a request each, no download, no key",
    ),
    flag("--deep", "fetch and open everything, each object once, and check every hash; needs the identity"),
    flag("--sample <percent>", "with --deep: read this part of the data only, as in 5%"),
    IDENTITY_OPTION(),
    ALL_HOSTS_OPTION(),
    ...STORE_OPTIONS(),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [4, 5, 6],
  example: "vaultik snapshot verify latest --deep --identity key.txt",

  async run({ args: [wanted], options, io }) {
    using output = new Output(io, options);
    const sample = sampleOf(options);
    const deep = options.deep
      ? { identities: await findIdentities(options.identity, io), sample }
      : undefined;
    await using tools = await openSession(options, io, output);
    const call = { deep, checksums: options.checksums, readers: threadCount(tools.config) };
    const indexPath = tools.config?.indexPath;
    const summaries: VerifySummary[] = [];
    for (const { tools: host, snapshotIds } of await chosen(tools, wanted, options)) {
      summaries.push(await verifySnapshots(host, { ...call, snapshotIds, indexPath }));
    }
    const summary = joined(summaries);
    if (summary.snapshots.length + summary.problems.length === 0) {
      throw new NotFoundError(`Cannot verify: ${tools.store.location} has no snapshot of Vaultik`);
    }
    output.result(summary, inWords(summary, sample), tools.traffic.take());
    if (summary.problems.length === 0) return 0;
    const problems = summary.problems.length === 1
      ? "1 object"
      : `${formatCount(summary.problems.length)} objects`;
    output.text.warn(`DAMAGED: ${problems} of ${tools.store.location}:`);
    for (const problem of summary.problems) warnOfProblem(problem, output.text);
    return exitCodeOf(new CorruptionError());
  },
};

function joined(summaries: readonly VerifySummary[]): VerifySummary {
  const sum = (of: (summary: VerifySummary) => number) =>
    summaries.reduce((total, one) => total + of(one), 0);
  return {
    snapshots: summaries.flatMap(({ snapshots }) => snapshots),
    deep: summaries.some(({ deep }) => deep),
    objects: sum(({ objects }) => objects),
    bytes: sum(({ bytes }) => bytes),
    objectsRead: sum(({ objectsRead }) => objectsRead),
    problems: summaries.flatMap(({ problems }) => problems),
  };
}

function sampleOf({ deep, sample }: VerifyFlags): number | undefined {
  if (sample === undefined) return undefined;
  if (!deep) throw new UsageError("Cannot use --sample: it belongs to --deep, which is not given");
  const fraction = parsePercent(sample);
  if (fraction !== undefined) return fraction;
  throw new UsageError(
    `Cannot use --sample ${JSON.stringify(sample)}: allowed is more than 0% to 100%, as in 5%`,
  );
}

function inWords(summary: VerifySummary, sample: number | undefined): string {
  const { snapshots, objects, objectsRead, bytes, problems, deep } = summary;
  const what = snapshots.length === 1 ? snapshots[0] : `${formatCount(snapshots.length)} snapshots`;
  const whole = snapshots.length === 1 ? "is sound" : "are sound";
  const how = !deep
    ? "all there"
    : sample === undefined
    ? "all opened and hashed"
    : `all there, ${formatCount(objectsRead)} opened and hashed`;
  const checked = `${formatCount(objects)} objects, ${formatSize(bytes)}`;
  return problems.length === 0 ? `${what} ${whole}: ${checked}, ${how}` : `${what}: checked ${checked}`;
}
