import type { Section } from "./section.ts";

/** When a hook runs: before a backup, after one that made a snapshot, after one that failed, and in any case at the end. */
export const HOOK_MOMENTS = ["before", "after", "failed", "finally"] as const;
export type HookMoment = typeof HOOK_MOMENTS[number];

/** Shell commands by when they run. */
export interface HooksConfig {
  readonly commands: Readonly<Partial<Record<HookMoment, readonly string[]>>>;
  /** Of each command. */
  readonly timeoutMs: number;
}

const COMMAND = "a command";
const DAY_MS = 24 * 3600 * 1000;

/** The section `hooks` of `above`; `undefined` where there is none. */
export function hooks(above: Section): HooksConfig | undefined {
  if (!above.has("hooks")) return undefined;
  const section = above.section("hooks", [...HOOK_MOMENTS, "timeout"]);
  const commands: Partial<Record<HookMoment, readonly string[]>> = {};
  for (const moment of HOOK_MOMENTS) {
    if (section.has(moment)) commands[moment] = commandsOf(section, moment);
  }
  const timeoutMs = section.duration("timeout", "10m", { min: 1000, max: DAY_MS });
  return { commands, timeoutMs };
}

/** One command, or a list of them. */
function commandsOf(section: Section, moment: HookMoment): readonly string[] {
  return section.isText(moment) ? [section.text(moment, COMMAND)!] : section.texts(moment, COMMAND);
}
