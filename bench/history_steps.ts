import { formatSize } from "../src/base/units.ts";
import { blobName } from "../src/model/names.ts";
import { type HostTools, hostTools } from "../src/read/hosts.ts";
import { resolveSnapshot } from "../src/read/resolve.ts";
import { restore } from "../src/operations/restore/restore.ts";
import { listSnapshots } from "../src/read/snapshots.ts";
import { surveyPrune } from "../src/operations/prune/survey.ts";
import { silent } from "../src/report/events.ts";
import { CountingStore } from "../src/store/counting.ts";
import { openFileStore } from "../src/store/file.ts";
import { MetadataCache } from "../src/store/metadata_cache.ts";
import type { ObjectInfo, ObjectStore } from "../src/store/store.ts";
import { Traffic } from "../src/store/traffic.ts";
import { idOf } from "./history_entries.ts";

const DAY_MS = 24 * 3_600_000;

interface Setting {
  readonly directory: string;
  readonly host: string;
  readonly identity: string;
  readonly path: string;
  readonly blobs: number;
  readonly step: string;
}

/** What is measured, each in a process of its own; what it says of itself. */
export const STEPS: Readonly<Record<string, (tools: HostTools, setting: Setting) => Promise<string>>> = {
  "snapshot list, cold": async (tools) => `${(await listSnapshots(tools)).length} snapshots`,
  "snapshot list, warm": async (tools) => `${(await listSnapshots(tools)).length} snapshots`,
  "restore latest of one file": async (tools, setting) => {
    const target = await Deno.makeTempDir({ prefix: "vaultik-bench-history-target-" });
    try {
      const { id, tools: host } = await resolveSnapshot(rootOf(tools), "latest");
      const options = {
        snapshotId: id,
        target,
        paths: [setting.path],
        identities: [setting.identity],
        writers: 2,
      };
      const { files, damaged } = await restore(host, options);
      return `${files} files${damaged.map(({ reason }) => `, DAMAGED: ${reason}`).join("")}`;
    } finally {
      await Deno.remove(target, { recursive: true });
    }
  },
  "prune plan, cold": async (tools, { blobs }) => {
    const store = withBlobs(tools.store, blobs);
    const options = { graceMs: DAY_MS, minAgeMs: 0, dryRun: true };
    const { plan, named } = await surveyPrune({ ...tools, store }, options);
    return `${named.snapshots} snapshots, ${named.ids.blobs.size} blobs named, ${plan.marked.objects} to mark`;
  },
};

/** Steps before which nothing is kept. */
const COLD = ["snapshot list, cold", "prune plan, cold"];

function rootOf({ host, ...tools }: HostTools) {
  return { ...tools, store: roots.get(host)!, own: host };
}

const roots = new Map<string, ObjectStore>();

/** Adds the blobs that were made up to the listing of data blobs. */
function withBlobs(store: ObjectStore, blobs: number): ObjectStore {
  async function* list(prefix: string): AsyncIterable<ObjectInfo> {
    yield* store.list(prefix);
    if (prefix !== "blobs/") return;
    for (let number = 0; number < blobs; number++) {
      yield { name: blobName("blobs", idOf(number)), size: 2 ** 24, modified: new Date(0) };
    }
  }
  return {
    location: store.location,
    put: store.put.bind(store),
    get: store.get.bind(store),
    size: store.size.bind(store),
    list,
    remove: store.remove.bind(store),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

if (import.meta.main) {
  const setting: Setting = JSON.parse(Deno.env.get("VAULTIK_BENCH")!);
  const { directory, host, step } = setting;
  const cacheDirectory = `${directory}.cache`;
  if (COLD.includes(step)) await Deno.remove(cacheDirectory, { recursive: true }).catch(() => {});
  const traffic = new Traffic();
  const root = new CountingStore(await openFileStore(directory), traffic);
  roots.set(host, root);
  const tools = hostTools({
    store: root,
    report: silent,
    signal: new AbortController().signal,
    now: () => new Date(),
    cache: new MetadataCache(cacheDirectory),
  }, host);
  const start = performance.now();
  const what = await STEPS[step]!(tools, setting);
  const seconds = (performance.now() - start) / 1000;
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(await Deno.readTextFile("/proc/self/status"))![1]);
  const requests = Object.values(traffic.counts).reduce((sum, { calls }) => sum + calls, 0);
  console.log(
    `${step}: ${what}; ${seconds.toFixed(2)} s, ${requests} requests, ${
      formatSize(traffic.counts.get.bytes)
    } read, ` +
      `peak ${Math.round(peak / 1024)} MiB`,
  );
}
