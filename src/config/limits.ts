import { formatSize, parseSize } from "../base/units.ts";
import type { BandwidthLimits, Rates, ScheduledRates } from "../model/bandwidth.ts";
import type { Section } from "./section.ts";

/** Slower, a large object would not arrive within the times that stores allow. */
const SLOWEST = 8 * 1024;
const RATE = `a rate from ${formatSize(SLOWEST)}/s, as in 2MiB/s, or unlimited`;
const TIME = 'a time of the day in quotes, as in "08:00"';
const KEYS = ["upload", "download"];

/** The section `limits`. */
export function limits(top: Section): BandwidthLimits | undefined {
  if (!top.has("limits")) return undefined;
  const section = top.section("limits", [...KEYS, "schedule"]);
  const always = {
    upload: rate(section, "upload", undefined),
    download: rate(section, "download", undefined),
  };
  const schedule = section.sections("schedule", ["from", "to", ...KEYS])
    .map((scheduled) => scheduledRates(scheduled, always));
  return { ...always, schedule };
}

/** What is left out is as it always is. */
function scheduledRates(section: Section, always: Rates): ScheduledRates {
  return {
    from: time(section, "from"),
    to: time(section, "to"),
    upload: rate(section, "upload", always.upload),
    download: rate(section, "download", always.download),
  };
}

function rate(section: Section, key: string, fallback: number | undefined): number | undefined {
  if (!section.has(key)) return fallback;
  const text = section.text(key, RATE)!;
  if (text === "unlimited") return undefined;
  const bytes = parseSize(text.replace(/ ?\/ ?s(ec|econd)?$/i, ""));
  if (bytes !== undefined && bytes >= SLOWEST) return bytes;
  throw section.refusal(key, RATE);
}

/** Minutes of the day. */
function time(section: Section, key: string): number {
  const text = section.text(key, TIME);
  if (text === undefined) throw section.missing(key, TIME);
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  const minutes = match === null ? NaN : Number(match[1]) * 60 + Number(match[2]);
  if (match !== null && Number(match[2]) < 60 && minutes <= 24 * 60) return minutes;
  throw section.refusal(key, TIME);
}
