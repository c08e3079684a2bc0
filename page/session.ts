import { UsageError } from "../src/base/errors.ts";
import { CACHE_BYTES, FrameCache } from "../src/operations/browse/frame_cache.ts";
import { openingHere } from "../src/operations/browse/open_frame.ts";
import {
  type BrowsedSnapshot,
  type Opener,
  openForBrowsing,
} from "../src/operations/browse/open_snapshot.ts";
import { PageCache } from "../src/operations/browse/page_cache.ts";
import { openHostKeys } from "../src/read/sealed_keys.ts";
import { hostsOf, type HostTools } from "../src/read/hosts.ts";
import type { SnapshotInfo } from "../src/read/snapshot_info.ts";
import type { Tools } from "../src/read/tools.ts";
import { listSnapshots } from "../src/read/snapshots.ts";
import type { HeaderOpener } from "../src/seal/age.ts";
import type { ObjectStore } from "../src/store/store.ts";

/** The snapshots of one source set of a host, oldest first; at least one. */
export interface SnapshotSet {
  readonly tools: HostTools;
  readonly hostname: string;
  readonly name: string;
  readonly snapshots: readonly SnapshotInfo[];
}

/** An unlocked store. */
export interface Session {
  readonly store: ObjectStore;
  /** The one with the newest snapshot first. */
  readonly sets: readonly SnapshotSet[];
  /** What could not be read. */
  readonly warnings: readonly string[];
  open(set: SnapshotSet, id: string): Promise<BrowsedSnapshot>;
}

/** The page stays usable while much is opened. */
const BUSY_MS = 40;

/** Throws `UsageError` where there is nothing to see, and what the store throws. */
export async function unlock(
  store: ObjectStore,
  opener: HeaderOpener,
): Promise<Session> {
  const warnings: string[] = [];
  const tools: Tools = {
    store,
    report: (event) => {
      if (event.kind === "warning") warnings.push(event.text);
    },
    signal: new AbortController().signal,
    now: () => new Date(),
  };
  const hosts = await hostsOf(tools);
  if (hosts.length === 0) {
    throw new UsageError(
      "There are no backups here: a store has a folder called hosts with a folder for each host",
    );
  }
  const sets: SnapshotSet[] = [];
  for (const host of hosts) sets.push(...await setsOf(host, opener));
  if (sets.length === 0) throw new UsageError(nothingOpened(warnings));
  const newest = ({ snapshots }: SnapshotSet) => snapshots.at(-1)!.startedAt;
  sets.sort((a, b) => (newest(a) > newest(b) ? -1 : 1));
  const browser = browserOf(opener);
  const opened = new Map<string, Promise<BrowsedSnapshot>>();
  return {
    store,
    sets,
    warnings,
    open: (set, id) => {
      const begun = opened.get(id) ?? openForBrowsing(browser, set.tools, id);
      opened.set(id, begun);
      begun.catch(() => opened.delete(id));
      return begun;
    },
  };
}

async function setsOf(
  host: HostTools,
  opener: HeaderOpener,
): Promise<SnapshotSet[]> {
  const keys = await openHostKeys(host, opener);
  if (keys === undefined) return [];
  const tools = { ...host, namesKeys: new Map([[host.host, keys.namesKey]]) };
  const sets = new Map<string, SnapshotInfo[]>();
  for (const info of await listSnapshots(tools)) {
    const known = sets.get(info.set);
    if (known === undefined) sets.set(info.set, [info]);
    else known.push(info);
  }
  return [...sets.values()].map((snapshots) => {
    const { name, hostname } = snapshots.at(-1)!;
    return {
      tools,
      snapshots,
      name: name ?? "sealed",
      hostname: hostname ?? keys.hostname,
    };
  });
}

function nothingOpened(warnings: readonly string[]): string {
  const isOtherKey = warnings.some((text) => /another key/.test(text));
  return isOtherKey
    ? "This key does not open these backups: they were made for another key"
    : `Nothing could be opened${warnings.length > 0 ? `: ${warnings[0]}` : ": there are no snapshots"}`;
}

function browserOf(opener: HeaderOpener): Opener {
  let since = performance.now();
  const breathe = async () => {
    if (performance.now() - since <= BUSY_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  };
  const frames = new FrameCache({
    open: (request) => breathe().then(() => openingHere.open(request)),
    search: (request) => breathe().then(() => openingHere.search(request)),
  }, CACHE_BYTES);
  return { opener, frames, pages: new PageCache() };
}
