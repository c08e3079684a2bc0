import { delay } from "../../base/clock.ts";
import { UnavailableError, UsageError } from "../../base/errors.ts";
import { parseDuration } from "../../base/units.ts";
import { type HealthLimits, worstState } from "../../model/backup_health.ts";
import { fleetStatus } from "../../operations/status.ts";
import { chosenHosts } from "../../read/resolve.ts";
import { type CommandSpec, flag } from "../command.ts";
import { errorText } from "../error_text.ts";
import type { Io } from "../io.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";
import { checkLines, withoutBars } from "../status_check.ts";
import { statusText } from "../status_text.ts";

interface StatusOptions extends OutputOptions, StoreOptions {
  readonly check?: boolean;
  readonly warn?: string;
  readonly crit?: string;
  readonly watch?: string | boolean;
}

const DAY_MS = 24 * 3600 * 1000;
/** Of the interval that is promised: 26 hours and 50 hours for a day. */
const WARN_SHARE = 26 / 24;
const CRITICAL_SHARE = 50 / 24;

export const status: CommandSpec<StatusOptions> = {
  usage: "status",
  summary: "Show how old and how good the last backups of all hosts are; needs no key",
  details:
    "With --check one line and an exit code for Nagios and its like: 0 all is well, 1 warning, 2 critical, 3 it could not be found " +
    "out. An age is that of the last good snapshot. Names and sizes of other hosts are sealed: a line in trusted_hosts " +
    "that ends with the host's names key shows them.",
  options: [
    flag("--check", "for a monitor: the exit code says what is wrong"),
    flag("--warn <age>", "a last good snapshot of this age is a warning (26h, or as expected_interval says)"),
    flag("--crit <age>", "a last good snapshot of this age is critical (50h)"),
    flag(
      "--watch [interval]",
      "show it again and again, every 60s unless an interval is given, until it is stopped",
    ),
    ...STORE_OPTIONS(),
    JSON_OPTION(),
  ],
  exits: [4, 5, 6],
  example: "vaultik status --check --warn 26h --crit 50h",

  async run({ options, io }) {
    if (options.watch !== undefined) return await watch(options, io);
    if (!options.check) return await run(options, io);
    try {
      return await run(options, io);
    } catch (error) {
      if (io.signal.aborted) throw error;
      const text = errorText(error, { verbose: false }).split("\n")[0]!.replace(/^vaultik: /, "");
      io.stdout(`VAULTIK UNKNOWN - ${withoutBars(text)}\n`);
      return UNKNOWN;
    }
  },
};

const UNKNOWN = 3;
const EXIT = { ok: 0, warning: 1, critical: 2 };

const WATCH = "60s";
/** Asking more often asks the store for little that is new. */
const WATCH_MIN_MS = 1000;
const CLEAR = "\x1b[H\x1b[2J";

/** Until the user ends it. A store that does not answer is reported, and asked again. */
async function watch(options: StatusOptions, io: Io): Promise<number> {
  if (options.check) {
    throw new UsageError("Cannot use --watch together with --check: a monitor asks by itself");
  }
  const every = options.watch === true ? WATCH : String(options.watch);
  const everyMs = Math.max(WATCH_MIN_MS, duration("--watch", every)!);
  for (;;) {
    if (io.isTerminal.stdout && !options.json) io.stdout(CLEAR);
    try {
      await run(options, io);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      io.stderr(errorText(error, { verbose: false }));
    }
    await delay(everyMs, io.signal);
  }
}

async function run(options: StatusOptions, io: Io): Promise<number> {
  using output = new Output(io, options);
  limitsOf(options);
  await using tools = await openSession(options, io, output);
  const limits = limitsOf(options, tools.config?.metrics.expectedIntervalMs);
  const hosts = options.host === undefined ? undefined : await chosenHosts(tools, options);
  const drillIntervalMs = tools.config?.drill.intervalMs;
  const found = await fleetStatus(tools, { ...limits, drillIntervalMs }, hosts);
  const state = worstState([...found.sets, ...found.drills, ...found.hostProblems].map(({ state }) => state));
  const words = options.check ? checkLines(found, limits) : statusText(found, tools.now());
  output.result({ state, ...found }, words, options.check ? undefined : tools.traffic.take());
  return options.check ? EXIT[state] : 0;
}

/** Without `--warn` and `--crit`: a little more than the interval that is promised, and twice that. */
function limitsOf({ warn, crit }: StatusOptions, expectedIntervalMs = DAY_MS): HealthLimits {
  const [givenMs, givenCriticalMs] = [duration("--warn", warn), duration("--crit", crit)];
  const warnMs = givenMs ?? Math.min(expectedIntervalMs * WARN_SHARE, givenCriticalMs ?? Infinity);
  const criticalMs = givenCriticalMs ?? Math.max(warnMs, expectedIntervalMs * CRITICAL_SHARE);
  if (warnMs <= criticalMs) return { warnMs, criticalMs };
  throw new UsageError(
    `Cannot use --crit ${crit}: it is less than --warn ${warn}`,
  );
}

function duration(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new UsageError(`Cannot use ${name} ${JSON.stringify(text)}: allowed is a duration, as in 26h or 2d`);
}
