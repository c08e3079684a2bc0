import { atLeast } from "../src/base/at_least.ts";
import type { Cost } from "./measure.ts";

export interface Results {
  readonly steps: readonly { readonly name: string; readonly vaultik: Cost; readonly restic: Cost }[];
  readonly storedBytes: { readonly vaultik: number; readonly restic: number };
  /** `cp -a` of the tree: the limit of a restore. */
  readonly copy: Cost;
}

/** Markdown; ratios are vaultik's figure by the other's, so below 1 is better. */
export function printTable({ steps, storedBytes, copy }: Results): void {
  const rows = steps.flatMap(({ name, vaultik, restic }) => [
    row(`${name}, wall`, vaultik.wallSeconds, restic.wallSeconds, seconds),
    row(`${name}, CPU`, vaultik.cpuSeconds, restic.cpuSeconds, seconds),
    row(`${name}, peak memory`, vaultik.peakBytes, restic.peakBytes, mebibytes),
    ...vaultik.requests === undefined
      ? []
      : [row(`${name}, requests`, vaultik.requests, restic.requests!, String)],
  ]);
  const restore = steps.find(({ name }) => name === "restore")!.vaultik;
  console.log(table([
    ["", "vaultik", "restic", "ratio"],
    ...rows,
    row("stored after the first backup", storedBytes.vaultik, storedBytes.restic, mebibytes),
  ]));
  console.log(table([
    ["", "vaultik", "cp -a", "ratio"],
    row("restore, wall", restore.wallSeconds, copy.wallSeconds, seconds),
  ]));
}

function row(name: string, ours: number, theirs: number, unit: (value: number) => string): string[] {
  return [name, unit(ours), unit(theirs), (ours / theirs).toFixed(2)];
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function mebibytes(value: number): string {
  return `${(value / 2 ** 20).toFixed(0)} MiB`;
}

function table(lines: string[][]): string {
  const [head, ...rows] = atLeast(1, lines);
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(["---", "---:", "---:", "---:"]), ...rows.map(line), ""].join("\n");
}
