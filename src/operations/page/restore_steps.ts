import { formatCount, formatSize } from "../../base/units.ts";
import { toTyped } from "../../model/path.ts";
import { hostTools } from "../../read/hosts.ts";
import type { RestoreOptions, RestoreSummary } from "../restore/options.ts";
import type { Tools } from "../../read/tools.ts";
import { restore } from "../restore/restore.ts";
import type { RestoreStep } from "./page_server.ts";
import type { RestoreRequest } from "./restore_request.ts";

/** Restores what is asked for, and tells how far it is. */
export async function* restoreSteps(
  tools: Tools,
  { host, id, path, target }: RestoreRequest,
  options: Pick<RestoreOptions, "identities" | "writers" | "noSpecial">,
  signal: AbortSignal,
): AsyncGenerator<RestoreStep> {
  const steps: RestoreStep[] = [];
  let wake = () => {};
  const tell = (step: RestoreStep) => {
    steps.push(step);
    wake();
  };
  const report: Tools["report"] = (event) => {
    tools.report(event);
    if (event.kind !== "progress") return;
    tell({
      kind: "progress",
      files: event.progress.entriesDone,
      bytes: event.progress.bytesDone,
    });
  };
  const of = hostTools({
    ...tools,
    report,
    signal: AbortSignal.any([tools.signal, signal]),
  }, host);
  const paths = path === "/" ? [] : [toTyped(path)];
  restore(of, { snapshotId: id, target, paths, ...options }).then(
    (summary) => tell({ kind: "done", text: inWords(summary) }),
    (error) => tell({ kind: "failed", text: (error as Error).message }),
  );
  for (;;) {
    while (steps.length === 0) {
      await new Promise<void>((resolve) => wake = resolve);
    }
    const step = steps.shift()!;
    yield step;
    if (step.kind !== "progress") return;
  }
}

function inWords(
  { files, bytes, target, damaged, failed, incomplete }: RestoreSummary,
): string {
  const lost = damaged.length + failed.length;
  const but = lost === 0
    ? ""
    : `, but ${formatCount(lost)} could not be: ${[...damaged, ...failed][0]!.path}`;
  const why = incomplete ? "; the snapshot is incomplete: files could not be read when it was made" : "";
  return `Restored ${formatCount(files)} files, ${formatSize(bytes)}, to ${target}${but}${why}`;
}
