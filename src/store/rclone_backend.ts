import { type Backend, decoded } from "./backend.ts";
import { describeRclone, openRcloneStore, type RcloneLocation } from "./rclone.ts";

/** Whatever rclone reaches. */
export const rcloneBackend: Backend<"rclone", RcloneLocation> = {
  kind: "rclone",
  form: "rclone://REMOTE/PATH",
  rule: "with the name of a remote of rclone",
  title: "rclone",
  connections: 8,

  /** `REMOTE/PATH` is `REMOTE:PATH` of rclone, so that a second slash makes a path absolute where the remote has such. */
  parse(rest) {
    const match = /^([A-Za-z0-9_][A-Za-z0-9_.+@-]*)(?:\/(.*))?$/.exec(rest);
    if (match === null) return undefined;
    const path = decoded(match[2] ?? "")?.replace(/\/+$/, "");
    return path !== undefined && isPath(path) ? { remote: match[1], path } : undefined;
  },
  address: describeRclone,
  open: openRcloneStore,
};

/** `]` ends the name of a remote where rclone serves what is in it. */
function isPath(path: string): boolean {
  return !/[\p{Cc}\]]/u.test(path) && !path.split("/").some((part) => part === "." || part === "..");
}
