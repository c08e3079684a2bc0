import type { MetricsConfig } from "../config/metrics.ts";
import { writeDurably } from "../platform/durable_file.ts";
import type { Report } from "../report/events.ts";

const WORLD_READABLE = 0o644;

/** Replaces the text of the metrics file, where one is configured. What goes wrong is a warning. */
export function changeMetrics(
  { file }: MetricsConfig,
  change: (previous: string) => string,
  report: Report,
): void {
  if (file === undefined) return;
  try {
    writeDurably(file, change(readText(file)), { replace: true, mode: WORLD_READABLE });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    report({ kind: "warning", text: `could not write metrics_file "${file}": ${error.message}` });
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
