import type { Settings } from "./schema.ts";

/** When a hook runs: before a backup, after one that made a snapshot, after one that failed, and in any case at the end. */
export const HOOK_MOMENTS = ["before", "after", "failed", "finally"] as const;
export type HookMoment = typeof HOOK_MOMENTS[number];

/** Shell commands by when they run. */
export interface HooksConfig {
  readonly commands: Readonly<Partial<Record<HookMoment, readonly string[]>>>;
  /** Of each command. */
  readonly timeoutMs: number;
}

export function hooksConfig({ timeout, ...given }: NonNullable<Settings["hooks"]>): HooksConfig {
  const commands: Partial<Record<HookMoment, readonly string[]>> = {};
  for (const moment of HOOK_MOMENTS) {
    const command = given[moment];
    if (command !== undefined) commands[moment] = typeof command === "string" ? [command] : command;
  }
  return { commands, timeoutMs: timeout };
}
