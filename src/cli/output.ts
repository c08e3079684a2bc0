import type { Report } from "../report/events.ts";
import { jsonLines, toJson } from "../report/json.ts";
import { logText } from "../report/log_text.ts";
import { type Terminal, TextReport } from "../report/text.ts";
import { flag } from "./command.ts";
import type { Io } from "./io.ts";
import type { TrafficCounts } from "../store/traffic.ts";
import { trafficText } from "./traffic_text.ts";

// Rules of output: results go to stdout, everything else to stderr. With --json stdout is nothing but JSON, the result on its last
// line; with --verbose as well, events come before it, one a line, and it is one of them. Quiet prints nothing unless something is wrong.

export interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly cron?: boolean;
  readonly verbose?: boolean;
  /** What it prints goes to a log for years. */
  readonly daemon?: boolean;
}

export const JSON_OPTION = () => flag("--json", "print the result as JSON on stdout");

export const OUTPUT_OPTIONS = () => [
  flag("--json", "print the result as one line of JSON on stdout; with --verbose also events, a line each"),
  flag("-q, --quiet", "print nothing unless something is wrong"),
  flag("-v, --verbose", "print more"),
];

/** Where one command prints. */
export class Output implements Disposable {
  readonly text: TextReport;
  readonly report: Report;
  readonly #io: Io;
  readonly #json: boolean;
  readonly #isStream: boolean;

  constructor(io: Io, options: OutputOptions) {
    this.#io = io;
    this.#json = options.json ?? false;
    this.#isStream = this.#json && options.verbose === true;
    this.text = new TextReport({
      out: (text) => io.stdout(text),
      err: (text) => io.stderr(text),
      progress: progressShown(io, options),
      columns: () => io.columns(),
      nowMs: () => io.now().getTime(),
      logged: (level, text) => logText(io.log?.format ?? "text", level, text, io.now()),
    }, { quiet: options.quiet === true || options.cron === true, verbose: options.verbose ?? false });
    const lines = this.#isStream ? jsonLines((text) => io.stdout(text), () => io.now().getTime()) : undefined;
    this.report = (event) => {
      this.text.report(event);
      lines?.(event);
    };
  }

  /** How long after the first event of progress something becomes of one; absent: never. */
  get progressAfterMs(): number | undefined {
    return this.#isStream ? 0 : this.text.progressAfterMs;
  }

  /** The result, as JSON or in words, and what it asked of the store. */
  result(value: unknown, words: string, requests?: TrafficCounts): void {
    if (!this.#json) {
      return this.text.say(requests === undefined ? words : `${words}\n  ${trafficText(requests)}`);
    }
    this.text.close();
    const whole = requests === undefined ? value : { ...value as object, requests };
    const line = !this.#isStream
      ? whole
      : { event: "result", ...(Array.isArray(whole) ? { items: whole } : whole as object) };
    this.#io.stdout(toJson(line) + "\n");
  }

  warnings(lines: readonly string[]): void {
    for (const text of lines) this.report({ kind: "warning", text });
  }

  [Symbol.dispose](): void {
    this.text.close();
  }
}

/** Lines of JSON have it already. */
function progressShown({ isTerminal }: Io, { json, verbose, daemon }: OutputOptions): Terminal["progress"] {
  if (json && verbose || daemon && !isTerminal.stderr) return "none";
  return isTerminal.stderr ? "drawn" : "lines";
}

/** Columns as wide as their widest cell; columns listed in `right` are numbers. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]!.length), 0)
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      right.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)
    )
      .join("  ").trimEnd()
  ).join("\n");
}
