import { backendOf } from "../store/backends.ts";
import type { ProbeResult } from "../operations/doctor/probes.ts";
import type { StoreLocation } from "../store/open.ts";
import { VERSION } from "./version.ts";

/** A heading and what stands below it. */
export type ReportRow = readonly [Cell, Cell, Cell, ...Cell[]];

type Cell = readonly [heading: string, text: string];

/** What a store can do, as others want to know it: the server's name, and nothing else that is private. */
export function reportRow(location: StoreLocation, results: readonly ProbeResult[], now: Date): ReportRow {
  return [
    ["store", serverOf(location)],
    ["seen", now.toISOString().slice(0, 10)],
    ["by", `vaultik ${VERSION}`],
    ...results.map(({ probe, answer, detail }) => [probe, inWords(answer, detail)] as const),
  ];
}

/** As JSON has it. */
export function reportJson([[, store], [, seen], [, by], ...answers]: ReportRow): object {
  return { store, seen, by, answers: answers.map(([probe, answer]) => ({ probe, answer })) };
}

/** A table in Markdown. */
export function reportTable(row: ReportRow): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(row.map(([heading]) => heading)),
    line(row.map(() => "---")),
    line(row.map(([, text]) => text.replaceAll("|", "/"))),
  ].join("\n");
}

function serverOf(location: StoreLocation): string {
  if (location.kind !== "s3") return backendOf(location).title;
  if (location.endpoint === undefined) return `AWS ${location.region}`;
  const url = URL.parse(location.endpoint) ?? URL.parse(`https://${location.endpoint}`);
  return url?.host ?? "S3";
}

/** Refusals quote the store, with names of buckets. */
function inWords(answer: string, detail: string | undefined): string {
  return answer === "refused" || detail === undefined || /Cannot|:\/\//.test(detail)
    ? answer
    : `${answer} (${detail})`;
}
