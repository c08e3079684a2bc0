import { formatCount } from "../base/units.ts";
import { type HealthLimits, worstState } from "../model/backup_health.ts";
import type { FleetStatus } from "../operations/status.ts";

/** One line with what is wrong and the ages as numbers, then a line for each problem. */
export function checkLines(found: FleetStatus, { warnMs, criticalMs }: HealthLimits): string {
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
export function withoutBars(text: string): string {
  return text.replaceAll("|", "/");
}
