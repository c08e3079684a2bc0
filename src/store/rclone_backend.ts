import { atLeast } from "../base/at_least.ts";
import { type Backend, decoded, encoded } from "./backend.ts";
import { describeRclone, openRcloneStore, type RcloneLocation } from "./rclone.ts";

/** Whatever rclone reaches. */
export const rcloneBackend: Backend<"rclone", RcloneLocation> = {
  kind: "rclone",
  form: "rclone://REMOTE/PATH",
  rule: "with the name of a remote of rclone",
  title: "rclone",
  connections: 8,

  /** `REMOTE/PATH` is `REMOTE:PATH` of rclone, so that a second slash makes a path absolute where the remote has such. */
  parse(text) {
    const match = /^([A-Za-z0-9_][A-Za-z0-9_.+@-]*)(?:\/(.*))?$/.exec(text);
    if (match === null) return undefined;
    const [, remote, rest] = atLeast(2, match);
    const path = decoded(rest ?? "")?.replace(/\/+$/, "");
    return path !== undefined && isPath(path) ? { remote, path } : undefined;
  },
  address: ({ remote, path }) => describeRclone({ remote, path: encoded(path) }),
  open: openRcloneStore,
};

/** `]` ends the name of a remote where rclone serves what is in it. */
function isPath(path: string): boolean {
  return !/[\p{Cc}\]]/u.test(path) && !path.split("/").some((part) => part === "." || part === "..");
}
