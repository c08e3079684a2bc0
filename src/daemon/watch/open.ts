import { EMFILE, isPortable } from "../../platform/libc.ts";
import { SystemError } from "../../platform/read.ts";
import { BlindWatcher } from "./blind_watcher.ts";
import { DenoWatcher } from "./deno_watcher.ts";
import { InotifyWatcher } from "./inotify_watcher.ts";
import type { Watcher, WatcherKind, WatchOptions } from "./watcher.ts";

const hasInotify = !isPortable;

/** The watcher that is asked for; where there can be none, one that takes everything for changed. */
export async function openWatcher(kind: WatcherKind, options: WatchOptions): Promise<Watcher> {
  if (kind === "deno" || kind === "auto" && !hasInotify) return new DenoWatcher(options);
  if (!hasInotify) return new BlindWatcher(options, "this system has no inotify; use watcher: auto");
  try {
    return await InotifyWatcher.open(options);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const advice = error.code === EMFILE
      ? "; raise the limit, as in sysctl fs.inotify.max_user_instances=1024, and reload the daemon"
      : "";
    return new BlindWatcher(options, `${error.message}${advice}`);
  }
}
