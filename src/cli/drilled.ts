import { fromHex } from "../base/bytes.ts";
import type { Random } from "../base/chance.ts";
import { CorruptionError, RefusedError } from "../base/errors.ts";
import { EXIT_INCOMPLETE, exitCodeOf } from "../base/exit_codes.ts";
import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import type { Config } from "../config/config.ts";
import type { DrillResult } from "../model/drill_record.ts";
import type { DrillLimits, DrillSummary } from "../operations/drill/drill_summary.ts";
import { recordDrill } from "../operations/drill/records.ts";
import { drillSource } from "../operations/drill/source_drill.ts";
import { readHostKeys } from "../operations/host_keys.ts";
import { type HostTools, trustedHostname } from "../read/hosts.ts";
import { openHostKeys } from "../read/sealed_keys.ts";
import type { Tools } from "../read/tools.ts";
import { withDrill } from "../report/drill_metrics.ts";
import type { Identity } from "../seal/age.ts";
import type { TrafficCounts } from "../store/traffic.ts";
import { openLocally } from "./browser.ts";
import type { Output } from "./output.ts";
import type { Metrics } from "./run_metrics.ts";
import { ownHost } from "./session.ts";

/** What a drill draws, and how much. */
export interface DrawOptions extends DrillLimits {
  readonly random: Random;
}

/** A drill that was made, of this host. */
export interface Drilled {
  readonly host: HostTools;
  readonly summary: DrillSummary;
}

export function newSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}

/** A drill of this machine, without a key. */
export async function drillThisHost(tools: Tools, config: Config, draw: DrawOptions): Promise<Drilled> {
  const host = ownHost(tools);
  const { indexPath, chunkSizeBytes: averageBytes, snapshots } = config;
  const chunker = { seed: fromHex(readHostKeys(indexPath)!.chunkerSeed), averageBytes };
  const names = snapshots.map(({ name }) => name);
  return { host, summary: await drillSource(host, { ...draw, indexPath, names, chunker }) };
}

/** Keeps what came of a drill in the store. Where that is not possible there is a warning: what was found is found. */
export async function keepDrill(
  host: HostTools,
  config: Config | undefined,
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

export function measureDrill(tools: Tools, config: Config, summary: DrillSummary, metrics: Metrics): void {
  const { host } = summary;
  const hostname = host === tools.own ? config.hostname : trustedHostname(tools, host) ?? host;
  metrics.change(config.metrics, (previous) => withDrill(previous, summary, hostname), tools.report);
}

function exitCode(result: DrillResult): number {
  if (result === "damaged") return exitCodeOf(new CorruptionError());
  return result === "incomplete" ? EXIT_INCOMPLETE : 0;
}

/** Prints what came of a drill, and gives its exit code. */
export function showDrill(
  summary: DrillSummary,
  seed: number,
  output: Output,
  requests: TrafficCounts,
): number {
  const { result, problems, unchecked, host } = summary;
  output.result({ ...summary, seed }, inWords(summary, seed), requests);
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
