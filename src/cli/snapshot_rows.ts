import { formatCount, formatSize } from "../base/units.ts";
import type { ShownSnapshot } from "../operations/shown_snapshots.ts";
import { table } from "./output.ts";

/** What is sealed. */
const SEALED = "sealed";

/** A table, with what is special about each. */
export function snapshotsText(snapshots: readonly ShownSnapshot[]): string {
  const hasHosts = new Set(snapshots.map(({ host }) => host)).size > 1;
  const rows = snapshots.map((snapshot) => [
    snapshot.id,
    ...hasHosts ? [snapshot.hostname ?? snapshot.host] : [],
    snapshot.name ?? SEALED,
    (snapshot.finishedAt ?? snapshot.storedAt).replace("T", " ").replace(/(\.\d+)?Z$/, ""),
    snapshot.files === undefined ? "" : formatCount(snapshot.files),
    snapshot.bytes === undefined ? "" : formatSize(snapshot.bytes),
    snapshot.addedBytes === undefined ? "" : formatSize(snapshot.addedBytes),
    marksOf(snapshot),
  ]);
  const head = ["ID", ...hasHosts ? ["HOST"] : [], "NAME", "FINISHED (UTC)", "FILES", "SIZE", "ADDED", ""];
  const first = head.indexOf("FILES");
  return table([head, ...rows], [first, first + 1, first + 2]);
}

function marksOf({ incomplete, suspicious, pinned }: ShownSnapshot): string {
  const marks = [incomplete && "incomplete", suspicious && "suspicious", pinned && "pinned"];
  return marks.filter((mark) => typeof mark === "string").join(", ");
}
