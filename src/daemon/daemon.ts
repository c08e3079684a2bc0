import { formatDuration } from "../base/units.ts";
import type { DaemonParts, DaemonSettings } from "./parts.ts";
import { Runs } from "./runs.ts";
import { clockSetBack, nextRun, passTicks, type Times } from "./schedule.ts";
import { SETTLE, settledMs } from "./settle.ts";
import type { DaemonStatus, Outcome } from "./status.ts";
import type { Watcher } from "./watch/watcher.ts";

/** What is said of a run that is not as it should be. */
const LACKING: Partial<Record<Outcome, string>> = {
  incomplete: " without files that could not be read",
  suspicious: ", but its sources look wrong,",
};

/** How long a running backup may go on after the daemon was asked to stop. */
export const SHUTDOWN_MS = 5 * 60_000;
/** Timers stand still while the machine sleeps: the wall clock is looked at this often. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * Backs up by schedule until it is asked to stop: one run at a time, only snapshots that have changed, all of them at each full scan.
 * Whatever fails is said and tried again; nothing that was dirty is forgotten before a snapshot has it.
 */
export class Daemon {
  readonly #parts: DaemonParts;
  readonly #runs: Runs;
  readonly #startedMs: number;
  #settings: DaemonSettings;
  #watcher: Watcher | undefined;
  #times: Times;
  #lastSeenMs: number;
  #lastChangeMs: number | undefined;
  #asked: ((outcome: Outcome) => void)[] = [];
  #isReloadAsked = false;
  /** Aborted when the run that is going on, with what follows it, has ended. */
  #busy: AbortController | undefined;
  #isStopping = false;
  #wake: () => void = () => {};
  readonly #force = new AbortController();

  constructor(settings: DaemonSettings, parts: DaemonParts) {
    this.#parts = parts;
    this.#settings = settings;
    this.#startedMs = this.#lastSeenMs = parts.clock.nowMs();
    this.#times = { tickMs: this.#startedMs, fullScanMs: this.#startedMs };
    this.#runs = new Runs(parts, this.#force.signal);
    this.#runs.use(settings.snapshots);
  }

  /** Runs until `stop` aborts and the backup that is running then has ended. False when that took too long and it was cut off. */
  async run(stop: AbortSignal): Promise<boolean> {
    const { log, notify } = this.#parts;
    stop.addEventListener("abort", () => this.#stop(), { once: true });
    if (stop.aborted) this.#stop();
    log.say("Daemon mode started");
    try {
      await this.#watch();
      notify("READY=1");
      this.#runs.markAll();
      if (!this.#isStopping) {
        await this.#run("Running initial backup...", this.#runs.names, { isFull: true });
      }
      this.#idle();
      while (!this.#isStopping) await this.#step();
    } finally {
      notify("STOPPING=1");
      for (const answer of this.#asked) answer("failed");
      await this.#watcher?.[Symbol.asyncDispose]();
    }
    return !this.#force.signal.aborted;
  }

  /** Backs up now, whatever the schedule says; resolves when that is done, with what came of it. */
  runNow(): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      this.#wake();
    });
  }

  /** Reads the configuration again, once the run that is going on has ended. */
  reload(): void {
    this.#isReloadAsked = true;
    this.#wake();
  }

  status(): DaemonStatus {
    const { lastRun, lastError } = this.#runs;
    const at = (ms: number) => new Date(ms).toISOString();
    const state = this.#isStopping ? "stopping" : this.#watcher === undefined ? "starting" : "waiting";
    return {
      state: state === "waiting" && this.#busy !== undefined ? "running" : state,
      startedAt: at(this.#startedMs),
      watch: this.#watcher?.state,
      snapshots: this.#runs.snapshots(),
      lastRun,
      lastError,
      nextRunAt: this.#busy === undefined && !this.#isStopping ? at(this.#next().atMs) : undefined,
      nextFullScanAt: this.#isStopping
        ? undefined
        : at(this.#times.fullScanMs + this.#settings.intervals.fullScanMs),
    };
  }

  async #step(): Promise<void> {
    const nowMs = this.#now();
    if (this.#isReloadAsked) return await this.#reload();
    if (this.#asked.length > 0) return await this.#runAsked();
    const { kind, atMs } = this.#next();
    if (nowMs < atMs) return await this.#sleep(Math.min(atMs - nowMs, LONGEST_SLEEP_MS));
    if (kind === "changes") return await this.#runChanged();
    if (kind === "full") {
      this.#runs.markAll();
      await this.#run("Running full periodic scan...", this.#runs.names, { isFull: true });
    } else await this.#run("Running backup again after a failure...", this.#runs.failed, { isFull: false });
    this.#idle();
  }

  async #runChanged(): Promise<void> {
    if (this.#settings.snapshots.some((snapshot) => snapshot.haveMoved())) await this.#reload();
    await this.#catchUp();
    const { names, count } = this.#runs.changed();
    if (names.length > 0) {
      await this.#run(`Running scheduled backup (${count} changes detected)...`, names, { isFull: false });
      this.#idle();
    } else this.#times = passTicks(this.#times, this.#settings.intervals, this.#now());
  }

  async #runAsked(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    const outcome = await this.#run("Running backup on request...", this.#runs.names, { isFull: false });
    for (const answer of asked) answer(outcome);
    this.#idle();
  }

  async #run(
    line: string,
    names: readonly string[],
    options: { readonly isFull: boolean },
  ): Promise<Outcome> {
    const busy = this.#busy = new AbortController();
    this.#parts.log.say(line);
    this.#parts.notify(`STATUS=${line}`);
    try {
      return await this.#makeSnapshots(names, options);
    } finally {
      this.#busy = undefined;
      busy.abort();
    }
  }

  async #makeSnapshots(names: readonly string[], { isFull }: { readonly isFull: boolean }): Promise<Outcome> {
    const { log, afterRun } = this.#parts;
    const startMs = this.#now();
    this.#lastChangeMs = undefined;
    const results = await this.#runs.run(names, () => this.#catchUp(), () => this.#isStopping);
    this.#parts.ended();
    const endMs = this.#now();
    const times = this.#runs.times(this.#times, results, { startMs, endMs, isFull });
    this.#times = passTicks(times, this.#settings.intervals, endMs);
    if (results.outcome === "failed") {
      if (this.#isStopping) log.say("Backup stopped before all snapshots were made");
      else log.warn(`Backup failed; it is tried again at ${new Date(this.#next().atMs).toISOString()}`);
      return "failed";
    }
    log.say(`Backup complete${LACKING[results.outcome] ?? ""} in ${formatDuration(endMs - startMs)}`);
    if (!this.#isStopping) {
      await afterRun(this.#force.signal).catch((error) => log.failure("after the backup", error));
    }
    return results.outcome;
  }

  #idle(): void {
    if (this.#isStopping) return;
    this.#parts.log.say("Watching for changes...");
    this.#parts.notify(
      `STATUS=Watching for changes; next look at ${new Date(this.#next().atMs).toISOString()}`,
    );
  }

  #next(): ReturnType<typeof nextRun> {
    const next = nextRun(this.#times, this.#settings.intervals);
    return next.kind === "changes"
      ? { ...next, atMs: settledMs(next.atMs, this.#lastChangeMs, SETTLE) }
      : next;
  }

  /** A clock that was set back takes all that is planned with it. */
  #now(): number {
    const nowMs = this.#parts.clock.nowMs();
    if (nowMs < this.#lastSeenMs) {
      const byMs = this.#lastSeenMs - nowMs;
      this.#times = clockSetBack(this.#times, byMs);
      if (this.#lastChangeMs !== undefined) this.#lastChangeMs -= byMs;
    }
    return this.#lastSeenMs = nowMs;
  }

  async #sleep(ms: number): Promise<void> {
    const waking = new AbortController();
    this.#wake = () => waking.abort();
    await this.#parts.clock.wait(ms, waking.signal).catch(() => {});
    this.#wake = () => {};
  }

  async #watch(): Promise<void> {
    const { snapshots, quietNames, watcher } = this.#settings;
    const note = (isQuiet: boolean) => {
      if (!isQuiet) this.#lastChangeMs = this.#parts.clock.nowMs();
    };
    this.#watcher = await this.#parts.openWatcher(watcher, {
      areas: snapshots,
      quietNames,
      sink: {
        directory: ({ name }, path, isQuiet) => {
          note(isQuiet);
          this.#runs.dirty(name).addDirectory(path, { isQuiet });
        },
        subtree: ({ name }, path, isQuiet) => {
          note(isQuiet);
          this.#runs.dirty(name).addSubtree(path, { isQuiet });
        },
        warning: (text) => this.#parts.log.warn(`warning: ${text}`),
      },
    });
  }

  async #catchUp(): Promise<void> {
    try {
      await this.#watcher!.catchUp();
    } catch (error) {
      this.#parts.log.failure("following changes (everything is scanned)", error);
      this.#runs.markAll();
    }
  }

  async #reload(): Promise<void> {
    const { log, notify } = this.#parts;
    this.#isReloadAsked = false;
    notify("RELOADING=1");
    const settings = await this.#parts.load().catch((error) => {
      log.failure("reloading (the configuration of before stays in effect)", error);
    });
    if (settings !== undefined) {
      const isSame = keyOf(settings) === keyOf(this.#settings) &&
        this.#watcher!.state.unwatched.length === 0;
      this.#settings = settings;
      if (!isSame) await this.#watchAgain();
      log.say("Configuration reloaded");
    }
    notify("READY=1");
  }

  /** The old watcher goes first, or both together might need more watches than there are; so all has to be scanned. */
  async #watchAgain(): Promise<void> {
    await this.#watcher![Symbol.asyncDispose]();
    this.#runs.use(this.#settings.snapshots);
    await this.#watch();
    this.#runs.markAll();
    if (this.#runs.failed.length === 0) this.#times = { ...this.#times, failure: undefined };
  }

  #stop(): void {
    const { log, clock } = this.#parts;
    this.#isStopping = true;
    this.#wake();
    if (this.#busy === undefined) return;
    log.say("Waiting for in-progress backup to complete...");
    clock.wait(SHUTDOWN_MS, this.#busy.signal).then(() => {
      log.warn("Shutdown timeout exceeded, forcing exit");
      this.#force.abort(new Error("The shutdown took too long"));
    }, () => {});
  }
}

function keyOf({ snapshots, quietNames, watcher }: DaemonSettings): string {
  return JSON.stringify([snapshots.map(({ name, key }) => [name, key]), quietNames, watcher]);
}
