import { seeded } from "../../base/chance.ts";
import { UsageError } from "../../base/errors.ts";
import { parseSize } from "../../base/units.ts";
import { DEFAULT_DRILL } from "../../config/drill.ts";
import { drillRestore } from "../../operations/drill/restore_drill.ts";
import { isRoot } from "../../platform/owners.ts";
import type { Identity } from "../../seal/age.ts";
import { openLocally } from "../browser.ts";
import { type CommandSpec, flag } from "../command.ts";
import {
  type DrawOptions,
  type Drilled,
  drillThisHost,
  keepDrill,
  measureDrill,
  newSeed,
  showDrill,
} from "../drilled.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { IDENTITY_VARIABLE } from "../read_identity.ts";
import { resolveWithKey } from "../looked_at.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { Metrics } from "../run_metrics.ts";
import { noticeOfDrill } from "../run_notices.ts";
import { openSession, type Session, STORE_OPTIONS, type StoreOptions, threadCount } from "../session.ts";

interface DrillFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly files?: number;
  readonly bytes?: number;
  readonly seed?: number;
  readonly scratch?: string;
}

export const drill: CommandSpec<DrillFlags> = {
  usage: "drill",
  summary: "Try, on a sample, whether backups can be restored; the result is kept in the store",
  details:
    "Without an identity, on the machine that is backed up: files that have not changed since their backup are compared with the " +
    "hashes of their chunks, and the blobs of these with the size and the checksum that the store states. With an identity, " +
    "anywhere: files of the newest snapshots, and the canaries of the configuration, are restored to a directory of their own and " +
    "compared; its verify commands then look at them. Which files is left to chance. vaultik status shows the last drill of each host.",
  options: [
    IDENTITY_OPTION(),
    flag("--files <n>", "how many files (drill.files of the configuration, or 20)").argParser(
      toCount("--files"),
    ),
    flag("--bytes <size>", "how much of files (drill.bytes, or 64 MiB)").argParser(toBytes),
    flag("--seed <n>", "choose the same files as the drill that has printed this number")
      .argParser(toCount("--seed")),
    flag("--scratch <directory>", "where to restore to; a directory is made there, and removed afterwards"),
    flag("--cron", "print nothing unless something is wrong"),
    ...STORE_OPTIONS(),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [3, 4, 5, 6],
  example: "vaultik drill --cron",

  async run({ options, io }) {
    using output = new Output(io, options);
    const isWithKey = options.identity !== undefined || io.env(IDENTITY_VARIABLE) !== undefined;
    const identities = isWithKey ? await findIdentities(options.identity, io) : undefined;
    await using tools = await openSession(options, io, output);
    const seed = options.seed ?? newSeed();
    const call = { tools, options, seed };
    const { host, summary } = identities === undefined
      ? await drillHere(call)
      : await drillWithKey(call, identities);
    await keepDrill(host, tools.config, summary, identities ?? []);
    if (tools.config !== undefined) measureDrill(tools, tools.config, summary, new Metrics());
    const exit = showDrill(summary, seed, output, tools.traffic.take());
    if (options.cron && tools.config !== undefined) await noticeOfDrill(tools.config, summary, tools.report);
    return exit;
  },
};

interface DrillCall {
  readonly tools: Session;
  readonly options: DrillFlags;
  readonly seed: number;
}

function limitsOf({ tools, options, seed }: DrillCall): DrawOptions {
  const { files, bytes } = tools.config?.drill ?? DEFAULT_DRILL;
  return { files: options.files ?? files, bytes: options.bytes ?? bytes, random: seeded(seed) };
}

async function drillHere(call: DrillCall): Promise<Drilled> {
  const { tools, options } = call;
  const { config } = tools;
  if (config === undefined || options.host !== undefined) {
    throw new UsageError(
      "Cannot drill another host without a key: give --identity, or run it on the machine that is backed up",
    );
  }
  return await drillThisHost(tools, config, limitsOf(call));
}

async function drillWithKey(call: DrillCall, identities: readonly Identity[]): Promise<Drilled> {
  const { tools, options } = call;
  const snapshots = await resolveWithKey(tools, identities, "latest", { host: options.host });
  const { canaries, verify } = tools.config?.drill ?? DEFAULT_DRILL;
  const summary = await drillRestore(snapshots, {
    ...limitsOf(call),
    ...{ identities, canaries, verify, scratch: options.scratch },
    opener: openLocally(identities),
    writers: threadCount(tools.config),
    noOwner: !isRoot(),
  });
  return { host: snapshots[0]!.tools, summary };
}

function toCount(name: string): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d{1,10}$/.test(text) && count < 2 ** 32) return count;
    throw new UsageError(`Cannot use ${name} ${JSON.stringify(text)}: allowed is a whole number`);
  };
}

function toBytes(text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new UsageError(`Cannot use --bytes ${JSON.stringify(text)}: allowed is a size, as in 64MiB`);
}
