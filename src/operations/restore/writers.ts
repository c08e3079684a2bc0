import { displayPath } from "../../model/path.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { LendingApi } from "../../read/remote_source.ts";
import type { Handlers } from "../../threads/rpc.ts";
import { ThreadPool } from "../../threads/thread_pool.ts";
import type { WriterApi, WriterNeeds, WriterOptions } from "./messages.ts";

export type Writers = ThreadPool<WriterApi, WriterNeeds>;

/** Threads that write what is restored. They load while the store is asked which snapshot is meant and that is opened, and each part of a restore is given to them with {@link giveWriters}. */
export function startWriters(count: number): Writers {
  return new ThreadPool(count, new URL("./write_worker.ts", import.meta.url));
}

/** Lets the threads write as `options` say what they fetch by `fetches`, through this one. */
export async function giveWriters(
  writers: Writers,
  { report }: HostTools,
  fetches: Handlers<LendingApi>,
  options: WriterOptions,
): Promise<void> {
  writers.serve({
    ...fetches,
    notSet: ({ what, path, reason }) =>
      report({ kind: "metadata-not-set", what, path: displayPath(path), reason }),
  });
  await writers.each((remote) => remote.start(options));
}
