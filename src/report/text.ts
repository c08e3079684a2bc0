import { formatCount } from "../base/units.ts";
import { levelOf, lineOf, printableLines } from "./event_lines.ts";
import type { Event, Progress, Report } from "./events.ts";
import type { LogLevel } from "./log_text.ts";
import { printable } from "./printable.ts";
import { progressLine } from "./progress_line.ts";
import { nextRate, type Rate } from "./rate.ts";
import { rowsOf } from "./width.ts";

export interface Terminal {
  /** Results. */
  out(text: string): void;
  /** Warnings, errors, and the progress line if there is one. */
  err(text: string): void;
  /** How progress is shown on `err`: in one line that is drawn over and over, in a line now and then, or not at all. */
  readonly progress: "drawn" | "lines" | "none";
  columns(): number;
  nowMs(): number;
  /** What is printed of `text`, with its line feed; absent: nothing else. */
  logged?(level: LogLevel, text: string): string;
}

export interface TextOptions {
  /** Nothing but warnings and errors: for cron and `--quiet`. */
  readonly quiet: boolean;
  /** Also what is of interest only when something is looked for. */
  readonly verbose: boolean;
}

/** At most ten pictures a second: more no one sees, and the terminal costs time. */
const REDRAW_MS = 100;
/** How often there is a line where no one sees one redrawn. */
const LINE_MS = 30_000;

/** Unreadable or damaged files that are listed again at the end; all of them were printed as they occurred. */
const LISTED_AGAIN = 20;

const REASONS_REMEMBERED = 1_000;

const CLEAR_LINE = "\r\x1b[K";
/** Up so many lines, and all below goes. */
const clearFrom = (linesUp: number) => `\r\x1b[${linesUp}A\x1b[J`;

/**
 * Renders events for people. A line is printed once; the progress line is redrawn in place and taken away before anything else is
 * written and by `close`.
 */
export class TextReport {
  readonly #terminal: Terminal;
  readonly #options: TextOptions;
  #rate: Rate | undefined;
  #stage: Progress["stage"] | undefined;
  #drawnMs: number | undefined;
  /** What is drawn; empty where nothing is. */
  #drawn = "";
  /** The first file that was damaged, by what it was damaged by. */
  readonly #firstDamaged = new Map<string, string>();

  constructor(terminal: Terminal, options: TextOptions) {
    this.#terminal = terminal;
    this.#options = options;
  }

  readonly report: Report = (event) => {
    if (event.kind === "progress") this.#draw(event.progress);
    else if (this.#isShown(event)) this.warn(lineOf(this.#shortened(event)), levelOf(event));
  };

  /** How long after the first event of progress one is shown; absent: never. */
  get progressAfterMs(): number | undefined {
    const { progress } = this.#terminal;
    if (progress === "none" || this.#options.quiet) return undefined;
    return progress === "drawn" ? 0 : LINE_MS;
  }

  /** One lost object may cost many files: what became of it is said once. */
  #shortened(event: Exclude<Event, { readonly kind: "progress" }>): typeof event {
    if (event.kind !== "file-damaged") return event;
    const first = this.#firstDamaged.get(event.reason);
    if (first !== undefined) return { ...event, reason: `as ${first}` };
    if (this.#firstDamaged.size < REASONS_REMEMBERED) this.#firstDamaged.set(event.reason, event.path);
    return event;
  }

  /** A result; not printed when quiet. */
  say(text: string): void {
    if (this.#options.quiet) return;
    this.#erase();
    this.#terminal.out(this.#logged("info", printableLines(text)));
  }

  /** Something that is wrong, in one line; always printed. */
  warn(text: string, level: LogLevel = "warning"): void {
    this.#erase();
    this.#terminal.err(this.#logged(level, printable(text)));
  }

  /** Why something was not done, in one or several lines; always printed. */
  fail(text: string): void {
    this.#erase();
    this.#terminal.err(this.#logged("error", printableLines(text.trimEnd())));
  }

  #logged(level: LogLevel, text: string): string {
    return this.#terminal.logged?.(level, text) ?? `${text}\n`;
  }

  /** The list of what is missing, at the end where it is seen. */
  warnList(title: string, items: readonly { readonly path: string; readonly reason: string }[]): void {
    this.warn(`${title}:`);
    const listed = this.#options.quiet ? items : items.slice(0, LISTED_AGAIN);
    for (const [reason, some] of Map.groupBy(listed, ({ reason }) => reason)) {
      if (some.length === 1) this.warn(`  ${some[0]!.path}: ${reason}`);
      else [`  ${reason}:`, ...some.map(({ path }) => `    ${path}`)].forEach((line) => this.warn(line));
    }
    if (items.length > listed.length) {
      this.warn(`  … and ${formatCount(items.length - listed.length)} more, see above`);
    }
  }

  close(): void {
    this.#erase();
  }

  #isShown(event: Event): boolean {
    const { quiet, verbose } = this.#options;
    switch (event.kind) {
      case "warning":
      case "metadata-not-set":
      case "metadata-not-read":
        return true;
      case "file-unreadable":
      case "file-damaged":
      case "file-not-restored":
        return !quiet; // quiet has them all in the list at the end
      case "retrying":
        return verbose || !quiet && event.delayMs >= 5_000;
      default:
        return !quiet;
    }
  }

  #draw(progress: Progress): void {
    const { progress: how } = this.#terminal;
    if (this.progressAfterMs === undefined) return;
    const nowMs = this.#terminal.nowMs();
    if (this.#drawnMs === undefined) this.#drawnMs = how === "drawn" ? -Infinity : nowMs;
    const isNew = progress.stage !== this.#stage;
    this.#rate = nextRate(isNew ? undefined : this.#rate, progress, nowMs);
    this.#stage = progress.stage;
    const every = how === "drawn" ? isNew ? 0 : REDRAW_MS : LINE_MS;
    if (nowMs - this.#drawnMs < every) return;
    this.#drawnMs = nowMs;
    if (how === "lines") return this.#terminal.err(this.#logged("info", progressLine(progress, this.#rate)));
    const line = progressLine(progress, this.#rate, Math.max(0, this.#terminal.columns() - 1));
    this.#terminal.err(this.#clearing() + line);
    this.#drawn = line;
  }

  #erase(): void {
    if (this.#drawn === "") return;
    this.#terminal.err(this.#clearing());
    this.#drawn = "";
    this.#drawnMs = -Infinity;
  }

  /** A terminal that was made narrower has wrapped the line: then it is several. */
  #clearing(): string {
    const linesUp = rowsOf(this.#drawn, Math.max(1, this.#terminal.columns())) - 1;
    return linesUp > 0 ? clearFrom(linesUp) : CLEAR_LINE;
  }
}
