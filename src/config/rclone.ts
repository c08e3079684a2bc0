import type { RcloneLocation } from "../store/rclone.ts";

export const RCLONE_URL = "rclone://REMOTE/PATH";

/**
 * The place that follows `rclone://`; `undefined` where it is none. `REMOTE/PATH` is `REMOTE:PATH` of rclone, so that a second
 * slash makes a path absolute where the remote has such.
 */
export function parseRclonePlace(text: string): RcloneLocation | undefined {
  const match = /^([A-Za-z0-9_][A-Za-z0-9_.+@-]*)(?:\/(.*))?$/.exec(text);
  if (match === null) return undefined;
  const path = decoded(match[2] ?? "")?.replace(/\/+$/, "");
  return path !== undefined && isPath(path) ? { remote: match[1], path } : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `]` ends the name of a remote where rclone serves what is in it. */
function isPath(path: string): boolean {
  return !/[\p{Cc}\]]/u.test(path) && !path.split("/").some((part) => part === "." || part === "..");
}
