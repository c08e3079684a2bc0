import { CorruptionError, NotFoundError, UsageError } from "../base/errors.ts";
import { isSnapshotId, timeOfSnapshot } from "../model/names.ts";
import { isHostId } from "../model/host_id.ts";
import { hostsOf, type HostTools, hostTools, labelOf, namesKeyOf, trustedHostname } from "./hosts.ts";
import type { Tools } from "./options.ts";
import { namesIn } from "./signed_manifest.ts";
import { type ListedSnapshot, listedSnapshots, readManifest } from "./snapshots.ts";

/** Which host and source set is meant, where that is said. */
export interface Choice {
  /** A host's id, or its hostname where that is known here. */
  readonly host?: string;
  /** Source set. */
  readonly name?: string;
  /** With `latest`: of those that were begun before. */
  readonly before?: Date;
}

/** A snapshot and the directory that it is in. */
export interface ResolvedSnapshot {
  readonly tools: HostTools;
  readonly id: string;
}

/** Shown of what is ambiguous. */
const SHOWN_MAX = 10;

/**
 * The snapshot that `wanted` (`latest`, an id, or the beginning of one id only) names. `latest` is that of this machine, of the host
 * that is chosen, or of the only host of the store. Throws `NotFoundError`, `UsageError` where it is ambiguous.
 */
export async function resolveSnapshot(
  tools: Tools,
  wanted: string,
  choice: Choice = {},
): Promise<ResolvedSnapshot> {
  return wanted === "latest" ? await resolveLatest(tools, choice) : await resolveId(tools, wanted, choice);
}

async function resolveId(tools: Tools, wanted: string, choice: Choice): Promise<ResolvedSnapshot> {
  const found: ResolvedSnapshot[] = [];
  if (/^[0-9A-Za-z-]+$/.test(wanted)) {
    for (const host of await chosenHosts(tools, choice)) {
      for (const { id } of await listedSnapshots(host, wanted)) found.push({ tools: host, id });
      // A whole id is random enough to be met once.
      if (isSnapshotId(wanted) && found.length > 0) return found[0];
    }
  }
  if (found.length === 1) return found[0];
  if (found.length === 0) {
    throw new NotFoundError(`Cannot find snapshot "${wanted}": ${tools.store.location} has none of that id`);
  }
  throw new UsageError(`Cannot choose snapshot "${wanted}": it matches ${shown(found.map(({ id }) => id))}`);
}

async function resolveLatest(tools: Tools, choice: Choice): Promise<ResolvedSnapshot> {
  const { host, listed } = await ownSnapshots(tools, choice) ?? await onlyHostsSnapshots(tools, choice);
  for await (const snapshot of newestFirst(host, listed)) {
    if (choice.before !== undefined && timeOfSnapshot(snapshot.id) >= choice.before.getTime()) continue;
    if (choice.name === undefined || await isNamed(host, snapshot, choice.name)) {
      return { tools: host, id: snapshot.id };
    }
  }
  const of = choice.name === undefined ? "" : ` of "${choice.name}"`;
  const before = choice.before === undefined ? "" : ` before ${choice.before.toISOString()}`;
  throw new NotFoundError(`Cannot find a snapshot${of}${before}: ${host.store.location} has none`);
}

/** Ids tell the second in which a snapshot was begun: where several have the same, their manifests tell more. */
async function* newestFirst(
  host: HostTools,
  listed: readonly ListedSnapshot[],
): AsyncGenerator<ListedSnapshot> {
  const bySecond = [...Map.groupBy(listed, ({ id }) => timeOfSnapshot(id)).values()];
  for (const same of bySecond.toReversed()) {
    yield* same.length === 1 ? same : await lastBegunFirst(host, same);
  }
}

async function lastBegunFirst(
  host: HostTools,
  listed: readonly ListedSnapshot[],
): Promise<ListedSnapshot[]> {
  const begun = await Promise.all(listed.map(async (snapshot) => {
    try {
      return { snapshot, startedAt: (await readManifest(host, snapshot.id, snapshot.info)).startedAt };
    } catch (error) {
      if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
      return { snapshot, startedAt: "" };
    }
  }));
  return begun.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)).map(({ snapshot }) => snapshot);
}

interface HostSnapshots {
  readonly host: HostTools;
  readonly listed: readonly ListedSnapshot[];
}

/** This machine's, where no other host is chosen and it has some. */
async function ownSnapshots(tools: Tools, choice: Choice): Promise<HostSnapshots | undefined> {
  if (choice.host !== undefined || tools.own === undefined) return undefined;
  const host = hostTools(tools, tools.own);
  const listed = await listedSnapshots(host);
  return listed.length === 0 ? undefined : { host, listed };
}

async function onlyHostsSnapshots(tools: Tools, choice: Choice): Promise<HostSnapshots> {
  const hosts = await chosenHosts(tools, choice);
  if (hosts.length === 1) return { host: hosts[0], listed: await listedSnapshots(hosts[0]) };
  if (hosts.length === 0) {
    throw new NotFoundError(`Cannot find a snapshot: ${tools.store.location} has none`);
  }
  throw new UsageError(
    `Cannot choose "latest": ${tools.store.location} has several hosts (${
      shown(hosts.map(({ host }) => labelOf(tools, host)))
    }); --host says which`,
  );
}

/** The hosts that are meant: the one that is chosen, or all. Throws `NotFoundError` where there is none of that name. */
export async function chosenHosts(tools: Tools, { host }: Choice): Promise<HostTools[]> {
  const hosts = await hostsOf(tools);
  if (host === undefined) return hosts;
  const named: HostTools[] = [];
  for (const one of hosts) {
    if (isHostId(host) ? one.host === host : await hostnameOf(one) === host) named.push(one);
  }
  if (named.length > 0) return named;
  const known = shown(hosts.map((one) => labelOf(tools, one.host)));
  throw new NotFoundError(`Cannot find host "${host}": ${tools.store.location} has ${known || "no host"}`);
}

/** What a host is called, by the configuration or its newest snapshot; `undefined` where that is sealed. */
export async function hostnameOf(tools: HostTools): Promise<string | undefined> {
  const trusted = trustedHostname(tools, tools.host);
  if (trusted !== undefined) return trusted;
  const newest = (await listedSnapshots(tools)).at(-1);
  if (newest === undefined) return undefined;
  const manifest = await readManifest(tools, newest.id, newest.info);
  return namesIn(manifest, namesKeyOf(tools, tools.host))?.hostname;
}

async function isNamed(tools: HostTools, { id, info }: ListedSnapshot, name: string): Promise<boolean> {
  const manifest = await readManifest(tools, id, info);
  return namesIn(manifest, namesKeyOf(tools, tools.host))?.name === name;
}

function shown(texts: readonly string[]): string {
  const more = texts.length - SHOWN_MAX;
  return texts.slice(0, SHOWN_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
