import { type Handlers } from "../../threads/rpc.ts";
import { displayPath, type Path } from "../../model/path.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { WriterOptions } from "./messages.ts";
import { ThreadPool } from "../../threads/thread_pool.ts";

/** Threads that write what they fetch by `fetchHandlers`, through this one. */
export function startWriters(
  count: number,
  { report }: HostTools,
  fetchHandlers: Handlers,
  options: WriterOptions,
): Promise<ThreadPool> {
  const handlers: Handlers = {
    ...fetchHandlers,
    notSet: ({ what, path, reason }: { what: string; path: Path; reason: string }) =>
      report({ kind: "metadata-not-set", what, path: displayPath(path), reason }),
  };
  return ThreadPool.start(count, new URL("./write_worker.ts", import.meta.url), handlers, options);
}
