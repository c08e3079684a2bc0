/** For how long no one may remove what is stored: in mode `compliance` not even the owner of the account. */
export interface ObjectLock {
  readonly mode: "governance" | "compliance";
  readonly days: number;
}

const DAY_MS = 24 * 3600 * 1000;
/** Locks are made this much longer, so that they need not be renewed with every snapshot. */
const SLACK = 1 / 4;

export function lockMode({ mode }: ObjectLock): "GOVERNANCE" | "COMPLIANCE" {
  return mode === "governance" ? "GOVERNANCE" : "COMPLIANCE";
}

/** Until when an object stored or renewed now is locked. */
export function lockEnd({ days }: ObjectLock, now: Date): Date {
  return new Date(now.getTime() + days * (1 + SLACK) * DAY_MS);
}

/** Until when all that a snapshot of now needs has to be locked. */
export function lockNeeded({ days }: ObjectLock, now: Date): Date {
  return new Date(now.getTime() + days * DAY_MS);
}
