/** Bytes a second; `undefined` where there is no limit. */
export interface Rates {
  readonly upload: number | undefined;
  readonly download: number | undefined;
}

export interface ScheduledRates extends Rates {
  /** Minutes of the day, `from` included and `to` not; where `to` is not above `from` it is that of the next day. */
  readonly from: number;
  readonly to: number;
}

/** How fast stores may be written and read: always, and from some hour to another. */
export interface BandwidthLimits extends Rates {
  /** The first that holds counts. */
  readonly schedule: readonly ScheduledRates[];
}

/** What holds at `time`, by the clock on the wall. */
export function ratesAt(limits: BandwidthLimits, time: Date): Rates {
  const minute = time.getHours() * 60 + time.getMinutes();
  return limits.schedule.find((scheduled) => holdsAt(scheduled, minute)) ?? limits;
}

function holdsAt({ from, to }: ScheduledRates, minute: number): boolean {
  return from < to ? from <= minute && minute < to : from <= minute || minute < to;
}
