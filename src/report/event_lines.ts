import { formatDuration } from "../base/units.ts";
import type { Event } from "./events.ts";
import type { LogLevel } from "./log_text.ts";
import { printable } from "./printable.ts";

/** The text without what would do something to a terminal. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** How bad it is, for a log. */
export function levelOf({ kind }: Event): LogLevel {
  if (kind === "warning" || kind.startsWith("metadata-")) return "warning";
  return kind.startsWith("file-") && kind !== "file-changed" ? "error" : "note";
}

/** What is said of an event. */
export function lineOf(event: Exclude<Event, { readonly kind: "progress" }>): string {
  switch (event.kind) {
    case "file-unreadable":
      return `ERROR: could not read ${event.path}: ${event.reason}`;
    case "file-not-restored":
      return `ERROR: could not restore ${event.path}: ${event.reason}`;
    case "file-damaged":
      return `ERROR: damaged: ${event.path}: ${event.reason}`;
    case "file-changed":
      return `note: ${event.path} kept changing while it was read; it is marked in the snapshot`;
    case "entry-skipped":
      return `note: left out ${event.path}: ${event.reason}`;
    case "metadata-not-set":
      return `warning: could not set ${event.what}, first at ${event.path}: ${event.reason}`;
    case "metadata-not-read":
      return `warning: could not read ${event.what}, first of ${event.path}: ${event.reason}; the rest of it is stored`;
    case "retrying": {
      const cause = event.cause instanceof Error ? event.cause.message : String(event.cause);
      return `note: trying again in ${formatDuration(event.delayMs)} to ${event.what}: ${cause}`;
    }
    case "note":
      return `note: ${event.text}`;
    case "warning":
      return `warning: ${event.text}`;
  }
}
