import { fromHex } from "../../base/bytes.ts";
import { seeded } from "../../base/chance.ts";
import { CorruptionError, EXIT_INCOMPLETE, exitCodeOf, RefusedError, UsageError } from "../../base/errors.ts";
import { formatCount, formatDuration, formatSize, parseSize } from "../../base/units.ts";
import { DEFAULT_DRILL } from "../../config/drill.ts";
import type { DrillResult } from "../../model/drill_record.ts";
import type { DrillSummary } from "../../operations/drill/findings.ts";
import { recordDrill } from "../../operations/drill/records.ts";
import { drillRestore } from "../../operations/drill/restore_drill.ts";
import { drillSource } from "../../operations/drill/source_drill.ts";
import { readHostKeys } from "../../operations/host_keys.ts";
import { openHostKeys } from "../../read/sealed_keys.ts";
import { type HostTools, trustedHostname } from "../../read/hosts.ts";
import type { Identity } from "../../seal/age.ts";
import { isRoot } from "../../platform/owners.ts";
import { withDrill } from "../../report/drill_metrics.ts";
import { openLocally } from "../browser.ts";
import { type CommandSpec, flag } from "../command.ts";
import { findIdentities, IDENTITY_OPTION, IDENTITY_VARIABLE } from "../identities.ts";
import { resolveWithKey } from "../looked_at.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { Metrics } from "../run_metrics.ts";
import {
  openSession,
  ownHost,
  type Session,
  STORE_OPTIONS,
  type StoreOptions,
  threadCount,
} from "../session.ts";

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
    const seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0];
    const call = { tools, options, seed };
    const { host, summary } = identities === undefined
      ? await drillHere(call)
      : await drillWithKey(call, identities);
    await keep(host, tools, summary, identities ?? []);
    measure(tools, summary);
    output.result({ ...summary, seed }, inWords(summary, seed), tools.traffic.take());
    return verdict(summary, seed, output);
  },
};

interface DrillCall {
  readonly tools: Session;
  readonly options: DrillFlags;
  readonly seed: number;
}

interface Drilled {
  readonly host: HostTools;
  readonly summary: DrillSummary;
}

function limitsOf({ tools, options, seed }: DrillCall) {
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
  const host = ownHost(tools);
  const { indexPath, chunkSizeBytes: averageBytes, snapshots } = config;
  const chunker = { seed: fromHex(readHostKeys(indexPath)!.chunkerSeed), averageBytes };
  const names = snapshots.map(({ name }) => name);
  const summary = await drillSource(host, { ...limitsOf(call), indexPath, names, chunker });
  return { host, summary };
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
  return { host: snapshots[0].tools, summary };
}

/** Where that is not possible there is a warning: what was found is found. */
async function keep(
  host: HostTools,
  { config }: Session,
  summary: DrillSummary,
  identities: readonly Identity[],
): Promise<void> {
  const own = host.own === host.host && config !== undefined ? readHostKeys(config.indexPath) : undefined;
  const keys = own ?? await openHostKeys(host, openLocally(identities).opener);
  const warn = (why: string) =>
    host.report({ kind: "warning", text: `the result is not kept in the store: ${why}` });
  if (keys === undefined) return warn("the identity does not open the keys of the host, which sign it");
  try {
    await recordDrill(host, summary, keys.signingKey);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    warn(error.message);
  }
}

function measure(tools: Session, summary: DrillSummary): void {
  const { config, own, report } = tools;
  if (config === undefined) return;
  const { host } = summary;
  const hostname = host === own ? config.hostname : trustedHostname(tools, host) ?? host;
  new Metrics().change(config.metrics, (previous) => withDrill(previous, summary, hostname), report);
}

function exitCode(result: DrillResult): number {
  if (result === "damaged") return exitCodeOf(new CorruptionError());
  return result === "incomplete" ? EXIT_INCOMPLETE : 0;
}

function verdict({ result, problems, unchecked, host }: DrillSummary, seed: number, output: Output): number {
  const list = (findings: DrillSummary["problems"]) =>
    findings.map(({ what, state }) => ({ path: what, reason: state }));
  if (problems.length > 0) {
    output.text.warnList(`DAMAGED: the drill of ${host} (--seed ${seed}) has found`, list(problems));
  }
  if (unchecked.length > 0) {
    output.text.warnList(`INCOMPLETE: the drill of ${host} could not look at`, list(unchecked));
  }
  return exitCode(result);
}

function inWords(summary: DrillSummary, seed: number): string {
  const { kind, files, bytes, objects, changed, durationMs, snapshots } = summary;
  const what = kind === "source" ? "compared with the store" : "restored and compared";
  const passed = changed === 0 ? "" : `, ${formatCount(changed)} have changed since`;
  return `Drill of ${snapshots.join(", ") || "the last backup"}: ${summary.result}\n` +
    `  ${formatCount(files)} files, ${formatSize(bytes)} ${what}${passed}; ${
      formatCount(objects)
    } objects looked at ` +
    `in ${formatDuration(durationMs)}; seed ${seed}`;
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
