import { displayPath } from "../../model/path.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { LendingApi } from "../../read/remote_source.ts";
import type { Handlers } from "../../threads/rpc.ts";
import { ThreadPool } from "../../threads/thread_pool.ts";
import type { WriterApi, WriterNeeds, WriterOptions } from "./messages.ts";

export type Writers = ThreadPool<WriterApi, WriterNeeds>;

/** Threads that write what they fetch by `fetches`, through this one. */
export async function startWriters(
  count: number,
  { report }: HostTools,
  fetches: Handlers<LendingApi>,
  options: WriterOptions,
): Promise<Writers> {
  const writers: Writers = new ThreadPool(count, new URL("./write_worker.ts", import.meta.url), {
    ...fetches,
    notSet: ({ what, path, reason }) =>
      report({ kind: "metadata-not-set", what, path: displayPath(path), reason }),
  });
  await writers.each((remote) => remote.start(options));
  return writers;
}
