import { type Config } from "../config/config.ts";
import type { NotifyConfig } from "../config/notify.ts";
import { Notifier, type NotifierOptions } from "../notices/notifier.ts";
import type { SetOutcome, Status } from "../notices/outcome.ts";
import type { BackupSummary } from "../operations/backup/options.ts";
import type { DrillSummary } from "../operations/drill/drill_summary.ts";
import type { Report } from "../report/events.ts";
import { metricsText } from "../report/metrics.ts";
import { type CreateOptions, exitOf, type SetResult } from "./create_snapshots.ts";
import { errorText } from "./error_text.ts";
import type { Io } from "./io.ts";
import type { Output } from "./output.ts";
import { Metrics } from "./run_metrics.ts";
import { VERSION } from "./version.ts";

interface NoticeCall {
  readonly io: Io;
  readonly output: Output;
  readonly options: CreateOptions;
  /** Of a process that makes several runs. */
  readonly metrics?: Metrics;
}

/** Tells others of one run, and keeps the metrics file. Nothing of that makes the run fail: what goes wrong is a warning. */
export class RunNotices {
  readonly #config: Config;
  readonly #call: NoticeCall;
  readonly #notifier: Notifier | undefined;
  readonly #startedAt: Date;
  readonly #results: SetResult[] = [];

  constructor(config: Config, call: NoticeCall) {
    this.#config = config;
    this.#call = call;
    this.#startedAt = call.io.now();
    const warn = (text: string) => call.output.report({ kind: "warning", text });
    this.#notifier = config.notify && new Notifier(notifierOptions(config.notify), warn);
    this.#notifier?.start();
  }

  readonly note = (result: SetResult): void => void this.#results.push(result);

  /** The run has ended, with the sets called `names` to be made. `error` is why the rest of them, or what follows them, failed. */
  async end(names: readonly string[], error?: unknown): Promise<void> {
    const sets = this.#outcomes(names, error);
    this.#writeMetrics(sets);
    const { hostname } = this.#config;
    const finishedAt = this.#call.io.now();
    await this.#notifier?.end({ hostname, startedAt: this.#startedAt, finishedAt, sets });
  }

  #outcomes(names: readonly string[], error: unknown): SetOutcome[] {
    const outcomes = this.#results.map((result): SetOutcome => {
      if ("error" in result) return this.#failed(result.name, result.error);
      const { name, summary } = result;
      return { name, status: statusOf(summary, this.#call.options), summary };
    });
    const isNoted = this.#results.some((result) => "error" in result && result.error === error);
    if (error === undefined || isNoted) return outcomes;
    const missing = names.filter((name) => !outcomes.some((outcome) => outcome.name === name));
    const failed = missing.length > 0 ? missing : ["after the backup"];
    return [...outcomes, ...failed.map((name) => this.#failed(name, error))];
  }

  #failed(name: string, error: unknown): SetOutcome {
    return { name, status: "failure", error: errorText(error, { verbose: false }) };
  }

  #writeMetrics(sets: readonly SetOutcome[]): void {
    const { metrics, hostname, snapshots } = this.#config;
    const known = new Map(snapshots.map(({ name, paths }) => [name, paths]));
    const measured = sets.flatMap((set) => {
      const paths = known.get(set.name);
      return paths === undefined ? [] : [{ ...set, paths }];
    });
    const options = {
      hostname,
      now: this.#call.io.now(),
      expectedIntervalMs: metrics.expectedIntervalMs,
      isRestic: metrics.isRestic,
      version: VERSION,
      names: [...known.keys()],
    };
    const change = (previous: string) => metricsText(previous, measured, options);
    (this.#call.metrics ?? new Metrics()).change(metrics, change, this.#call.output.report);
  }
}

/** Runs `work` and tells others what came of it. */
export async function withNotices(
  config: Config,
  names: readonly string[],
  call: NoticeCall,
  work: (note: RunNotices["note"]) => Promise<number>,
): Promise<number> {
  const notices = new RunNotices(config, call);
  let exit: number;
  try {
    exit = await work(notices.note);
  } catch (error) {
    await notices.end(names, error);
    throw error;
  }
  await notices.end(names);
  return exit;
}

/** Tells others of a drill that has found something; a good one is no news. */
export async function noticeOfDrill(
  { notify, hostname }: Config,
  { result, problems, unchecked, finishedAt, durationMs }: DrillSummary,
  report: Report,
): Promise<void> {
  if (notify === undefined || result === "good") return;
  const notifier = new Notifier(notifierOptions(notify), (text) => report({ kind: "warning", text }));
  const end = Date.parse(finishedAt);
  const error = [...problems, ...unchecked].map(({ what, state }) => `${what} ${state}`).join("\n");
  await notifier.end({
    hostname,
    what: "drill",
    startedAt: new Date(end - durationMs),
    finishedAt: new Date(end),
    sets: [{ name: "drill", status: result === "damaged" ? "failure" : "warning", error }],
  });
}

function statusOf(summary: BackupSummary, options: CreateOptions): Status {
  return exitOf(summary, options) === 0 ? "success" : "warning";
}

function notifierOptions(notify: NotifyConfig): NotifierOptions {
  const { mailTo, sendmail, details, always, timeoutMs } = notify;
  return {
    channels: {
      healthchecks: notify.healthchecks?.reveal(),
      uptimeKuma: notify.uptimeKuma?.reveal(),
      ntfy: notify.ntfy?.reveal(),
      ntfyToken: notify.ntfyToken?.reveal(),
      webhook: notify.webhook?.reveal(),
    },
    mailTo,
    sendmail,
    details,
    always,
    timeoutMs,
  };
}
