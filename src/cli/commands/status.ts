import { delay } from "../../base/clock.ts";
import { UnavailableError, UsageError } from "../../base/errors.ts";
import { formatCount, formatDuration, formatSize, parseDuration } from "../../base/units.ts";
import { type HealthLimits, worstState } from "../../model/backup_health.ts";
import { drillAgeMs } from "../../model/drill_health.ts";
import { type FleetStatus, fleetStatus, type HostDrills, type SetStatus } from "../../operations/status.ts";
import { chosenHosts } from "../../read/resolve.ts";
import { type CommandSpec, flag } from "../command.ts";
import { errorText } from "../error_text.ts";
import type { Io } from "../io.ts";
import { JSON_OPTION, Output, type OutputOptions, table } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

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
  const words = options.check ? checkLines(found, limits) : inWords(found, tools.now());
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

function inWords({ sets, drills, hostProblems }: FleetStatus, now: Date): string {
  if (sets.length + hostProblems.length === 0) return "No hosts yet";
  const head = ["HOST", "NAME", "STATE", "AGE", "LAST (UTC)", "SNAPSHOTS", "SIZE", "7 DAYS", ""];
  const rows = sets.map((set) => [
    set.label,
    set.name,
    set.state,
    set.ageMs === undefined ? "" : formatDuration(set.ageMs),
    set.newestAt.replace("T", " ").replace(/(\.\d+)?Z$/, ""),
    formatCount(set.snapshots),
    set.bytes === undefined ? "" : formatSize(set.bytes),
    growth(set),
    set.problems.join("; "),
  ]);
  const problems = hostProblems.map(({ label, state, problem }) => [
    label,
    "",
    state,
    "",
    "",
    "",
    "",
    "",
    problem,
  ]);
  return `${table([head, ...rows, ...problems], [3, 5, 6, 7])}\n\n${drillTable(drills, now)}`;
}

/** When each host was seen to be restorable. */
function drillTable(drills: readonly HostDrills[], now: Date): string {
  const head = ["HOST", "LAST DRILL", "RESULT", "LAST PROVEN RESTORABLE", ""];
  const rows = drills.map(({ label, drills: { source, restore }, ageMs, state, problems }) => {
    const proven = restore?.lastGood;
    return [
      label,
      ageMs === undefined ? "never" : `${formatDuration(ageMs)} ago`,
      source === undefined && restore === undefined ? "" : state,
      proven === undefined
        ? "never: vaultik drill --identity FILE"
        : `${formatDuration(drillAgeMs(proven, now))} ago, ${formatCount(proven.files)} files`,
      problems.join("; "),
    ];
  });
  return table([head, ...rows]);
}

function growth({ weekGrowthBytes }: SetStatus): string {
  if (weekGrowthBytes === undefined) return "";
  return `${weekGrowthBytes < 0 ? "-" : "+"}${formatSize(Math.abs(weekGrowthBytes))}`;
}

/** One line with what is wrong and the ages as numbers, then a line for each problem. */
function checkLines(found: FleetStatus, { warnMs, criticalMs }: HealthLimits): string {
  const { sets, hosts, drills, hostProblems } = found;
  const problems = [
    ...hostProblems.map(({ label, state, problem }) => ({ state, text: `${label}: ${problem}` })),
    ...sets.filter(({ state }) => state !== "ok").map(({ label, name, state, problems }) => ({
      state,
      text: `${label}/${name}: ${problems.join("; ")}`,
    })),
    ...drills.filter(({ state }) => state !== "ok").map(({ label, state, problems }) => ({
      state,
      text: `${label}: ${problems.join("; ")}`,
    })),
  ];
  const worst = worstState(problems.map(({ state }) => state));
  const said = problems.find(({ state }) => state === worst)?.text ??
    `${count(sets.length, "source set")} of ${count(hosts, "host")}, all backed up`;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  const seconds = (ms: number) => Math.round(ms / 1000);
  const ages = sets.filter(({ ageMs }) => ageMs !== undefined).map(({ label, name, ageMs }) =>
    `'${label}/${name}'=${seconds(ageMs!)}s;${seconds(warnMs)};${seconds(criticalMs)};0;`
  );
  const first = `VAULTIK ${worst.toUpperCase()} - ${withoutBars(said)}${more}`;
  const line = ages.length === 0 ? first : `${first} | ${ages.join(" ")}`;
  const rest = problems.length > 1 ? problems.map(({ state, text }) => `${state}: ${withoutBars(text)}`) : [];
  return [line, ...rest].join("\n");
}

function count(number: number, noun: string): string {
  return `${formatCount(number)} ${number === 1 ? noun : `${noun}s`}`;
}

/** What follows a bar is numbers, to a monitor. */
function withoutBars(text: string): string {
  return text.replaceAll("|", "/");
}
