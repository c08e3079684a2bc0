import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import type { StoreInfo } from "../operations/store_info.ts";
import { table } from "./output.ts";

/** What the store holds, for people. */
export function storeInfoText(info: StoreInfo): string {
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
