import { EMFILE } from "../../platform/libc.ts";
import { SystemError } from "../../platform/read.ts";
import { BlindWatcher } from "./blind_watcher.ts";
import { DenoWatcher } from "./deno_watcher.ts";
import { InotifyWatcher } from "./inotify_watcher.ts";
import type { Watcher, WatchOptions } from "./watcher.ts";

/** The watcher of this system; where there can be none, one that takes everything for changed. */
export async function openWatcher(options: WatchOptions): Promise<Watcher> {
  if (Deno.build.os !== "linux") return new DenoWatcher(options);
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
