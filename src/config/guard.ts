import type { GuardLimits } from "../model/guard.ts";
import type { Settings } from "./schema.ts";

const DEFAULT_SHARE = 0.5;

/** What a path may lose, where `given` says it; `undefined` where it is off. */
export function guardLimits(
  given: Settings["guard"] | undefined,
  fallback?: GuardLimits,
): GuardLimits | undefined {
  if (given === undefined) return fallback;
  if (given === "off" || given === false) return undefined;
  return {
    files: given.files ?? fallback?.files ?? DEFAULT_SHARE,
    bytes: given.bytes ?? fallback?.bytes ?? DEFAULT_SHARE,
  };
}
