import { formatDuration, formatSize } from "../base/units.ts";
import type { Config } from "../config/config.ts";
import { describeStorage } from "../config/storage.ts";
import { formatTrustedHost, type TrustedHost } from "../model/trust.ts";
import { versions } from "./commands/version.ts";
import { limitRows, s3Rows, trustRows } from "./config_rows.ts";
import type { IndexState } from "./index_state.ts";
import { table } from "./output.ts";

interface OwnHost extends TrustedHost {
  readonly id: string;
}

/** The configuration at `path` as it is understood, the host of this machine where it is known, and the index. */
export function infoText(path: string, config: Config, host: OwnHost | undefined, index: IndexState): string {
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
