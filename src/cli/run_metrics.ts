import type { MetricsConfig } from "../config/metrics.ts";
import { writeDurably } from "../platform/durable_file.ts";
import type { Report } from "../report/events.ts";

const WORLD_READABLE = 0o644;

/** The metrics of the last runs: in the metrics file, where one is configured, else in this process. */
export class Metrics {
  #text = "";

  /** Replaces the text. What goes wrong is a warning. */
  change({ file }: MetricsConfig, change: (previous: string) => string, report: Report): void {
    if (file === undefined) {
      this.#text = change(this.#text);
      return;
    }
    try {
      writeDurably(file, change(readText(file)), { replace: true, mode: WORLD_READABLE });
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      report({ kind: "warning", text: `could not write metrics_file "${file}": ${error.message}` });
    }
  }

  text({ file }: MetricsConfig): string {
    return file === undefined ? this.#text : readText(file);
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
