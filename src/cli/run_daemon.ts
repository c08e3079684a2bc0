import { atLeast } from "../base/at_least.ts";
import { UsageError } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import { systemClock } from "../daemon/clock.ts";
import { controlPath, serveControl } from "../daemon/control.ts";
import { Daemon } from "../daemon/daemon.ts";
import type { Taken } from "../daemon/dirty_set.ts";
import { type MetricsServer, serveMetrics } from "../daemon/metrics_server.ts";
import { beOnlyDaemon } from "../daemon/only_one.ts";
import type { DaemonLog, DaemonSettings, MadeSnapshot } from "../daemon/parts.ts";
import { ServiceManager } from "../daemon/service_manager.ts";
import { daemonSettings } from "../daemon/settings.ts";
import { openWatcher } from "../daemon/watch/open.ts";
import { startWatchdog, type Watchdog } from "../daemon/watchdog.ts";
import { giveMemoryBack } from "../platform/memory.ts";
import { backUp } from "../operations/backup/backup.ts";
import { BackupThreads } from "../operations/backup/backup_threads.ts";
import { explainStore } from "../operations/explain_store.ts";
import { toJson } from "../report/json.ts";
import { backupOptions } from "./backup_options.ts";
import { chooseSnapshots } from "./choose_snapshots.ts";
import { type CreateOptions, printSummary } from "./create_snapshots.ts";
import { DaemonDrill } from "./daemon_drill.ts";
import { errorText } from "./error_text.ts";
import { withHooks } from "./hooks.ts";
import type { Io } from "./io.ts";
import type { Output, OutputOptions } from "./output.ts";
import { type GlobalOptions } from "./command.ts";
import { Metrics } from "./run_metrics.ts";
import { RunNotices } from "./run_notices.ts";
import type { BackupSummary } from "../operations/backup/options.ts";
import { recoverPage } from "./recover_page.ts";
import { tidyUp } from "./tidy_up.ts";
import { isFirstBackup, openConfigured, openForBackup, readConfig } from "./session.ts";

/** So long after a backup its threads have freed what they had. */
const REST_MS = 1_000;

export interface DaemonOptions extends CreateOptions, OutputOptions, GlobalOptions {
  readonly prune?: boolean;
}

interface DaemonCall {
  readonly io: Io;
  readonly output: Output;
  readonly options: DaemonOptions;
}

/** Backs up the snapshots called `names` by schedule until `io.signal` aborts. Returns the exit code. */
export async function runDaemon(names: readonly string[], call: DaemonCall): Promise<number> {
  const { io } = call;
  using watchdog = startWatchdog(io.stderr);
  await using process = new DaemonProcess(names, call, watchdog);
  const settings = await process.load();
  const { indexPath } = process.config;
  using _lock = await beOnlyDaemon(indexPath);
  using manager = new ServiceManager((name) => io.env(name), Deno.pid);
  const daemon = new Daemon(settings, {
    load: () => process.load(),
    openWatcher,
    backUp: (name, taken, signal) => process.backUp(name, taken, signal),
    ended: () => process.ended(),
    afterRun: (signal) => process.afterRun(signal),
    clock: systemClock,
    log: process.log,
    notify: (state) => manager.notify(state),
  });
  const status = () => ({ ...daemon.status(), pid: Deno.pid });
  await using _metrics = process.serveMetrics();
  await using _control = serveControl(controlPath(indexPath), { status, runNow: () => daemon.runNow() });
  using _reload = io.onSignal("SIGHUP", () => daemon.reload());
  using _run = io.onSignal("SIGUSR2", () => void daemon.runNow());
  return await daemon.run(io.signal) ? 0 : 1;
}

const PRUNES_A_GRACE_TIME = 4;

/** What the daemon asks of the rest of the program, by the configuration in effect. */
class DaemonProcess implements AsyncDisposable {
  readonly #names: readonly string[];
  readonly #call: DaemonCall;
  readonly #watchdog: Watchdog;
  readonly #threads = new BackupThreads();
  #config: Config | undefined;
  #prunedMs = -Infinity;
  #notices: RunNotices | undefined;
  /** Until all notices have arrived, or their time is over. */
  #telling: Promise<unknown> = Promise.resolve();
  readonly #metrics = new Metrics();
  readonly #drill = new DaemonDrill();

  constructor(names: readonly string[], call: DaemonCall, watchdog: Watchdog) {
    this.#watchdog = watchdog;
    this.#names = names;
    this.#call = call;
  }

  get config(): Config {
    return this.#config!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#threads[Symbol.dispose]();
    await this.#telling;
  }

  /** Reads the configuration; it is in effect once all of it is good. */
  async load(): Promise<DaemonSettings> {
    const { io, output, options } = this.#call;
    const { config } = await readConfig(options, io, output);
    if (this.#config !== undefined && this.#config.indexPath !== config.indexPath) {
      throw new UsageError("Cannot use another index_path while running: restart the daemon for it");
    }
    const backups = chooseSnapshots(config, this.#names).map((snapshot) => backupOptions(config, snapshot));
    const settings = daemonSettings(config, backups);
    this.#config = config;
    return settings;
  }

  /** By the configuration that the daemon begins with. */
  serveMetrics(): MetricsServer | undefined {
    const { port } = this.config.metrics;
    return port === undefined ? undefined : serveMetrics(port, () => this.#metrics.text(this.config.metrics));
  }

  async backUp(name: string, taken: Taken, signal: AbortSignal): Promise<MadeSnapshot> {
    const { io, output, options } = this.#call;
    this.#notices ??= new RunNotices(this.config, { io, output, options, metrics: this.#metrics });
    try {
      const summary = await this.#makeSnapshot(name, taken, signal);
      this.#notices.note({ name, summary });
      const { id, suspicious, incomplete } = summary;
      return {
        id,
        incomplete: incomplete && !options.skipErrors,
        suspicious: suspicious.length > 0,
      };
    } catch (error) {
      this.#notices.note({ name, error });
      throw error;
    }
  }

  /** A run has ended; only the end of the process waits for its notices. */
  ended(): void {
    const notices = this.#notices;
    this.#notices = undefined;
    const telling = notices?.end([]).catch((error) => this.log.failure("notices", error));
    this.#telling = Promise.all([this.#telling, telling]);
  }

  async #makeSnapshot(name: string, taken: Taken, signal: AbortSignal): Promise<BackupSummary> {
    const { io, output, options } = this.#call;
    using _run = this.#watchdog.watch();
    const [snapshot] = atLeast(1, chooseSnapshots(this.config, [name]));
    const backup = { ...backupOptions(this.config, snapshot), progressAfterMs: output.progressAfterMs };
    const isFirst = isFirstBackup(this.config);
    await using tools = await openForBackup(this.config, { ...io, signal }, output);
    const change = taken.everything ? backup : { ...backup, changes: taken };
    const call = { config: this.config, ...tools, options };
    const summary = await withHooks(name, call, async () => {
      if (isFirst) await explainStore(tools, await recoverPage());
      return await backUp(tools, change, this.#threads);
    });
    printSummary(summary, output, options, tools.traffic.take());
    setTimeout(giveMemoryBack, REST_MS);
    return summary;
  }

  /** What fails of it does not keep the rest from being done. */
  async afterRun(signal: AbortSignal): Promise<void> {
    await this.tidyUp(signal).catch((error) => this.log.failure("--prune", error));
    await this.drill(signal).catch((error) => this.log.failure("drill", error));
  }

  async drill(signal: AbortSignal): Promise<void> {
    const { io, output } = this.#call;
    if (!this.#drill.isDue(this.config, io.now().getTime())) return;
    using _run = this.#watchdog.watch();
    await using tools = await openConfigured(this.config, { ...io, signal }, output);
    await this.#drill.make(tools, this.config, output, this.#metrics);
  }

  /** What `--prune` asks for after each run that made all its snapshots. A prune lists the whole store: four a grace time are enough. */
  async tidyUp(signal: AbortSignal): Promise<void> {
    const { io, output, options } = this.#call;
    if (!options.prune) return;
    using _run = this.#watchdog.watch();
    const nowMs = io.now().getTime();
    const sinceMs = nowMs - this.#prunedMs;
    const isPruneDue = sinceMs < 0 || sinceMs >= this.config.prune.graceMs / PRUNES_A_GRACE_TIME;
    await using tools = await openConfigured(this.config, { ...io, signal }, output);
    await tidyUp(this.config, tools, output, { isPruneDue });
    if (isPruneDue) this.#prunedMs = nowMs;
  }

  get log(): DaemonLog {
    const { io, output, options } = this.#call;
    return {
      say(text) {
        if (!options.json) output.text.say(text);
        else io.stdout(toJson({ event: "daemon", at: io.now().toISOString(), text }) + "\n");
      },
      warn: (text) => output.text.warn(text),
      failure(what, error) {
        const text = errorText(error, { verbose: options.verbose ?? false });
        output.text.fail(text.replace(/^vaultik:/, `vaultik: ${what}:`));
      },
    };
  }
}
