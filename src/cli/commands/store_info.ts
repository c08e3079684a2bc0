import { formatCount, formatDuration, formatSize } from "../../base/units.ts";
import { AWS_PRICES, type Prices } from "../../model/prices.ts";
import { type StoreInfo, storeInfo as readStoreInfo } from "../../operations/store_info.ts";
import type { CommandSpec } from "../command.ts";
import type { Io } from "../io.ts";
import { JSON_OPTION, Output, type OutputOptions, table } from "../output.ts";
import { endpointOf, openSession, type Session, STORE_OPTIONS, type StoreOptions } from "../session.ts";

export const storeInfo: CommandSpec<OutputOptions & StoreOptions> = {
  usage: "info",
  summary: "Show what is in the store, whose it is and what it costs; needs no key",
  details:
    "The cost is that of storage alone, by prices in the configuration, else for AWS by its list prices. What no snapshot needs " +
    "includes what a backup that is running has stored so far.",
  options: [...STORE_OPTIONS(), JSON_OPTION()],
  exits: [4, 5, 6],
  example: "vaultik store info",

  async run({ options, io }) {
    using output = new Output(io, options);
    await using tools = await openSession(options, io, output);
    const info = await readStoreInfo(tools, pricesFor(tools, options, io));
    output.result(info, inWords(info), tools.traffic.take());
    for (const id of info.unreadable) output.text.warn(`warning: the manifest of ${id} cannot be read`);
    return 0;
  },
};

/** No one's prices are known but those of the configuration and of AWS. */
function pricesFor({ config, store }: Session, options: StoreOptions, io: Io): Prices | undefined {
  if (config?.prices !== undefined) return config.prices;
  if (!store.location.startsWith("s3://")) return undefined;
  const endpoint = config?.storage.kind === "s3"
    ? config.storage.endpoint
    : endpointOf(options.s3Endpoint, io);
  return endpoint === undefined ? AWS_PRICES : undefined;
}

function inWords(info: StoreInfo): string {
  const parts = [
    `${info.location}: ${formatCount(info.snapshots)} ${info.snapshots === 1 ? "snapshot" : "snapshots"}`,
    kindsInWords(info),
    classesInWords(info),
    hostsInWords(info),
    garbageInWords(info),
    info.prices === undefined ? "" : `Cost a month: storage alone, ${info.prices}`,
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function kindsInWords({ kinds, objects, bytes }: StoreInfo): string {
  const shown = kinds.filter(({ kind, objects }) =>
    objects > 0 || ["blobs", "pages", "snapshots"].includes(kind)
  );
  const rows = [...shown, { kind: "all", objects, bytes }]
    .map(({ kind, objects, bytes }) => [kind, formatCount(objects), formatSize(bytes)]);
  return table([["KIND", "OBJECTS", "STORED"], ...rows], [1, 2]);
}

function classesInWords({ classes, monthlyCost, prices }: StoreInfo): string {
  if (prices === undefined && classes.every(({ storageClass }) => storageClass === undefined)) return "";
  const cost = (amount: number | undefined) => amount === undefined ? "" : amount.toFixed(2);
  const rows = classes.map(({ storageClass, objects, bytes, monthlyCost }) => [
    storageClass ?? "unknown",
    formatCount(objects),
    formatSize(bytes),
    cost(monthlyCost),
  ]);
  const total = classes.length > 1 && prices !== undefined ? [["all", "", "", cost(monthlyCost)]] : [];
  return table([["CLASS", "OBJECTS", "STORED", prices && "A MONTH" || ""], ...rows, ...total], [1, 2, 3]);
}

function hostsInWords({ hosts }: StoreInfo): string {
  if (hosts.length === 0) return "";
  const rows = hosts.map(({ host, hostname, snapshots, newest }) => [
    hostname ?? "sealed",
    host,
    formatCount(snapshots),
    newest === undefined ? "" : `${formatDuration(Math.max(0, newest.ageMs))} ago`,
    newest?.id ?? "",
  ]);
  return table([["HOST", "ID", "SNAPSHOTS", "NEWEST", ""], ...rows], [2]);
}

function garbageInWords({ garbage, unreadable }: StoreInfo): string {
  if (garbage === undefined) {
    const which = unreadable.length === 0 ? "" : ` (${formatCount(unreadable.length)})`;
    return `What no snapshot needs is not known: manifests cannot be read${which}`;
  }
  if (garbage.objects === 0) return "";
  const objects = garbage.objects === 1 ? "1 object" : `${formatCount(garbage.objects)} objects`;
  return `No snapshot needs ${objects}, ${formatSize(garbage.bytes)}`;
}
