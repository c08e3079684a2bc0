import type { Config } from "../../config/config.ts";
import type { BandwidthLimits, Rates } from "../../model/bandwidth.ts";
import { withoutVariables } from "../../config/mask.ts";
import { describeStorage } from "../../config/storage.ts";
import { formatDuration, formatSize } from "../../base/units.ts";
import { formatTrustedHost, type TrustedHost } from "../../model/trust.ts";
import { hostOf } from "../../read/sealed_keys.ts";
import { readHostKeys } from "../../operations/host_keys.ts";
import { publicKeyOf } from "../../seal/signature.ts";
import type { CommandSpec } from "../command.ts";
import { JSON_OPTION, Output, type OutputOptions, table } from "../output.ts";
import { readConfig } from "../session.ts";
import { versions } from "./version.ts";

export const info: CommandSpec<OutputOptions> = {
  usage: "info",
  summary: "Show the configuration in effect (without secrets), the state of the index, and versions",
  options: [JSON_OPTION()],
  example: "vaultik info",

  async run({ options, io }) {
    using output = new Output(io, options);
    const { path, config } = await readConfig(options, io, output);
    const index = await indexState(config.indexPath);
    const keys = readHostKeys(config.indexPath);
    const host = keys && {
      id: hostOf(keys),
      hostname: config.hostname,
      key: publicKeyOf(keys.signingKey),
      namesKey: keys.namesKey,
    };
    output.result(
      { configPath: path, config: withoutVariables(config), host, index, versions: versions() },
      inWords(path, config, host, index),
    );
    return 0;
  },
};

interface IndexState {
  readonly path: string;
  /** `undefined` before the first backup. */
  readonly bytes: number | undefined;
  readonly modified: string | undefined;
  readonly state: string;
}

async function indexState(path: string): Promise<IndexState> {
  try {
    const { size, mtime } = await Deno.stat(path);
    const modified = mtime?.toISOString();
    return { path, bytes: size, modified, state: `${formatSize(size)}, last written ${modified}` };
  } catch (error) {
    const state = error instanceof Deno.errors.NotFound
      ? "not there yet: the next backup reads everything"
      : "not readable";
    return { path, bytes: undefined, modified: undefined, state };
  }
}

interface OwnHost extends TrustedHost {
  readonly id: string;
}

function inWords(path: string, config: Config, host: OwnHost | undefined, index: IndexState): string {
  const { storage } = config;
  const rows = [
    ["configuration", path],
    ["hostname", config.hostname],
    [
      "trusted elsewhere as",
      host === undefined ? "not known yet: the first backup makes the keys" : formatTrustedHost(host),
    ],
    ...host === undefined ? [] : [["host in the store", host.id]],
    ...trustRows(config),
    ["store", describeStorage(storage)],
    ...storage.kind === "s3" ? s3Rows(storage) : [],
    ...storage.limits === undefined ? [] : limitRows(storage.limits),
    ...config.ageRecipients.map((
      recipient,
    ) => ["recipient", recipient.length > 70 ? `${recipient.slice(0, 69)}…` : recipient]),
    ...config.snapshots.flatMap(({ name, paths, exclude }) => [
      [`snapshot ${name}`, paths.join(", ")],
      ...exclude.length === 0 ? [] : [["  exclude", exclude.join(", ")]],
    ]),
    ["exclude", config.exclude.join(", ") || "nothing"],
    ["chunk size", formatSize(config.chunkSizeBytes)],
    ["blob size limit", formatSize(config.blobSizeBytes)],
    ["compression level", String(config.compressionLevel)],
    ["backup interval", formatDuration(config.backupIntervalMs)],
    ["full scan interval", formatDuration(config.fullScanIntervalMs)],
    ["min time between run", formatDuration(config.minTimeBetweenRunMs)],
    ["index", `${index.path} (${index.state})`],
    ...Object.entries(versions()),
  ];
  return table(rows);
}

function trustRows({ trust }: Config): string[][] {
  if (trust === undefined) return [["trusted hosts", "all"]];
  return [
    ...trust.hosts.map((host) => ["trusted host", formatTrustedHost(host)]),
    ["untrusted snapshots", trust.untrusted],
  ];
}

function limitRows(limits: BandwidthLimits): string[][] {
  const rate = (bytes: number | undefined) => bytes === undefined ? "unlimited" : `${formatSize(bytes)}/s`;
  const rates = ({ upload, download }: Rates) => `upload ${rate(upload)}, download ${rate(download)}`;
  const time = (minutes: number) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  return [
    ["limits", rates(limits)],
    ...limits.schedule.map((scheduled) => [
      `  ${time(scheduled.from)} to ${time(scheduled.to)}`,
      rates(scheduled),
    ]),
  ];
}

function s3Rows(storage: Extract<Config["storage"], { readonly kind: "s3" }>): string[][] {
  return [
    ["s3 endpoint", storage.endpoint ?? "AWS"],
    ["s3 region", storage.region],
    ["s3 access key", storage.accessKeyId ?? "from the environment or a profile of AWS"],
    [
      "s3 secret key",
      storage.secretAccessKey === undefined ? "from the environment or a profile of AWS" : "***",
    ],
    ["s3 part size", formatSize(storage.partSizeBytes)],
  ];
}
