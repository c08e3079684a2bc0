import { parsePercent } from "../base/units.ts";
import type { GuardLimits } from "../model/guard.ts";
import type { Section } from "./section.ts";

const DEFAULT_SHARE = 0.5;
const ALLOWED = "off, or the shares {files: 50%, bytes: 50%}";

/** The key `guard` of `above`: what a path may lose; `undefined` where it is off. */
export function guard(above: Section, fallback: GuardLimits | undefined): GuardLimits | undefined {
  if (!above.has("guard")) return fallback;
  if (above.is("guard", "off") || above.is("guard", false)) return undefined;
  const section = above.section("guard", ["files", "bytes"]);
  return { files: share(section, "files", fallback), bytes: share(section, "bytes", fallback) };
}

export const DEFAULT_GUARD: GuardLimits = { files: DEFAULT_SHARE, bytes: DEFAULT_SHARE };

function share(section: Section, key: keyof GuardLimits, fallback = DEFAULT_GUARD): number {
  if (!section.has(key)) return fallback[key];
  const value = parsePercent(section.text(key, ALLOWED)!);
  if (value !== undefined) return value;
  throw section.refusal(key, "a share from 1% to 100%");
}
