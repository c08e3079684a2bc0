import { NotFoundError, UsageError } from "../base/errors.ts";
import { readAhead } from "../base/read_ahead.ts";
import type { Manifest, ManifestHead } from "../model/manifest.ts";
import { isSnapshotId, setOfSnapshot, timeOfSnapshot } from "../model/names.ts";
import { parseSnapshotWord, type SnapshotWord } from "../model/snapshot_word.ts";
import { isHostId } from "../model/host_id.ts";
import { hostsOf, type HostTools, hostTools, labelOf, namesKeyOf, trustedHostname } from "./hosts.ts";
import type { Tools } from "./tools.ts";
import { namesIn } from "./signed_manifest.ts";
import type { ListedSnapshot } from "./listed_snapshot.ts";
import { headsOf, newestFirst } from "./newest_first.ts";
import { allSnapshots, listedSnapshots, readManifest } from "./snapshots.ts";

/** Which host and source set is meant, where that is said. */
export interface Choice {
  /** A host's id, or its hostname where that is known here. */
  readonly host?: string;
  /** Source set. */
  readonly name?: string;
  /** With `latest` and times: of those that were begun before. */
  readonly before?: Date;
}

/** A snapshot and the directory that it is in. */
export interface ResolvedSnapshot {
  readonly tools: HostTools;
  readonly id: string;
  /** Source set, where that is known. */
  readonly name?: string;
  /** Where it was read, or opened before. */
  readonly head?: ManifestHead;
  /** Where it was read. */
  readonly manifest?: Manifest;
}

/** Source sets that are looked at at a time. */
const SETS_AT_ONCE = 16;
/** Shown of what is ambiguous. */
const SHOWN_MAX = 10;

/** How a person may name a snapshot, for helps. */
export const SNAPSHOT_WORDS =
  'an id, the unique beginning of one, latest, or a time ("2026-11-20", "3 days ago": the last one before it); ~1 behind it means the one before';

/**
 * The only snapshot that `wanted` names; see {@link resolveSnapshots}. Throws `UsageError` where that is ambiguous, also where there is
 * one of each of several source sets.
 */
export async function resolveSnapshot(
  tools: Tools,
  wanted: string,
  choice: Choice = {},
): Promise<ResolvedSnapshot> {
  return onlySnapshot(await resolveSnapshots(tools, wanted, choice), wanted);
}

/** The only one of `found`, which `wanted` names. Throws `UsageError`. */
export function onlySnapshot(found: readonly ResolvedSnapshot[], wanted: string): ResolvedSnapshot {
  if (found.length === 1) return found[0]!;
  throw new UsageError(
    `Cannot choose ${quoted(wanted)}: it is one snapshot of each source set: ${
      shown(found.map(labelOfSnapshot))
    }; --name says which`,
  );
}

/**
 * The snapshots that `wanted` names, as {@link parseSnapshotWord} reads it: one, or for `latest` and times one of each source set of this
 * machine, of the host that is chosen, or of the only host of the store. Throws `NotFoundError`, `UsageError` where it is ambiguous.
 */
export async function resolveSnapshots(
  tools: Tools,
  wanted: string,
  choice: Choice = {},
): Promise<ResolvedSnapshot[]> {
  const word = parseSnapshotWord(wanted, tools.now());
  if (word === undefined) {
    throw new NotFoundError(`Cannot find snapshot ${quoted(wanted)}: it is none of ${SNAPSHOT_WORDS}`);
  }
  if (word.kind !== "id") return await resolveInSets(tools, wanted, word, choice);
  const found = await resolveId(tools, wanted, word.beginning, choice);
  return [word.back === 0 ? found : await stepBack(found, wanted, word.back)];
}

async function resolveId(
  tools: Tools,
  wanted: string,
  beginning: string,
  choice: Choice,
): Promise<ResolvedSnapshot> {
  const found: ResolvedSnapshot[] = [];
  for (const host of await chosenHosts(tools, choice)) {
    for (const snapshot of await listedSnapshots(host, beginning)) {
      const { id } = snapshot;
      if (choice.name === undefined) found.push({ tools: host, id });
      else if (await isNamed(host, snapshot, choice.name)) found.push({ tools: host, id, name: choice.name });
    }
    // A whole id is random enough to be met once.
    if (isSnapshotId(beginning) && found.length > 0) return found[0]!;
  }
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new NotFoundError(
      `Cannot find snapshot ${quoted(wanted)}: ${tools.store.location} has none of that id`,
    );
  }
  throw new UsageError(
    `Cannot choose snapshot ${quoted(wanted)}: it matches ${shown(found.map(({ id }) => id))}`,
  );
}

/** The snapshot `back` before `found`, of the same source set. */
async function stepBack(
  { tools, id }: ResolvedSnapshot,
  wanted: string,
  back: number,
): Promise<ResolvedSnapshot> {
  const { startedAt } = await readManifest(tools, id);
  const earlier = (await allSnapshots(tools)).filter((listed) =>
    setOfSnapshot(listed.id) === setOfSnapshot(id) && timeOfSnapshot(listed.id) <= timeOfSnapshot(id)
  );
  for await (const manifest of newestFirst(tools, earlier, headsOf(tools), back + 1)) {
    if (manifest.startedAt < startedAt && --back === 0) return resolved(tools, manifest);
  }
  throw new NotFoundError(`Cannot find snapshot ${quoted(wanted)}: there are not so many before ${id}`);
}

/** Of each source set, or of the one that is chosen, the newest that `word` admits. */
async function resolveInSets(
  tools: Tools,
  wanted: string,
  word: SnapshotWord & { readonly kind: "latest" | "before" },
  choice: Choice,
): Promise<ResolvedSnapshot[]> {
  const { host, listed } = await ownSnapshots(tools, choice) ??
    await onlyHostsSnapshots(tools, wanted, choice);
  const ends = [word.kind === "before" ? word.time : undefined, choice.before].flatMap((end) => end ?? []);
  const admitted = listed.filter(({ id }) => ends.every((end) => timeOfSnapshot(id) < end.getTime()));
  if (word.kind === "latest" && ends.length === 0) warnOfMissing(host, listed, choice);
  const sets = [...Map.groupBy(admitted, ({ id }) => setOfSnapshot(id)).values()]
    .sort((a, b) => (a.at(-1)!.id < b.at(-1)!.id ? 1 : -1));
  const found: ResolvedSnapshot[] = [];
  for await (
    const snapshot of readAhead(sets, SETS_AT_ONCE, (set) => resolveInSet(host, set, word.back, choice.name))
  ) {
    if (snapshot !== undefined) found.push(snapshot);
  }
  if (found.length > 0) return found;
  const of = choice.name === undefined ? "" : ` of "${choice.name}"`;
  const which = word.kind === "latest" && word.back === 0 ? "" : ` ${quoted(wanted)}`;
  const before = choice.before === undefined ? "" : ` before ${choice.before.toISOString()}`;
  throw new NotFoundError(`Cannot find a snapshot${which}${of}${before}: ${host.store.location} has none`);
}

/** Of the snapshots of one source set, the one that is `back` before the newest. */
async function resolveInSet(
  host: HostTools,
  set: readonly ListedSnapshot[],
  back: number,
  name: string | undefined,
): Promise<ResolvedSnapshot | undefined> {
  for await (const manifest of newestFirst(host, set, headsOf(host), back + 1)) {
    const snapshot = resolved(host, manifest);
    if (name !== undefined && snapshot.name !== name) return undefined;
    if (back-- === 0) return snapshot;
  }
  return undefined;
}

/** A store that hides the newest snapshot looks as one that never had it; but this machine knows what it made. */
function warnOfMissing(
  { own, host, lastMade, store, report }: HostTools,
  listed: readonly ListedSnapshot[],
  choice: Choice,
): void {
  if (host !== own) return;
  const ids = new Set(listed.map(({ id }) => id));
  for (const { id, name, finishedAt } of lastMade?.() ?? []) {
    if (ids.has(id) || (choice.name ?? name) !== name) continue;
    report({
      kind: "warning",
      text:
        `The newest snapshot of "${name}" is not in ${store.location}: this machine finished ${id} at ${finishedAt}. ` +
        "Someone removed it, or the store hides it",
    });
  }
}

function resolved(tools: HostTools, head: ManifestHead): ResolvedSnapshot {
  const manifest = "lists" in head ? head as Manifest : undefined;
  return { tools, id: head.id, head, manifest, name: namesIn(head, namesKeyOf(tools, tools.host))?.name };
}

function labelOfSnapshot({ id, name }: ResolvedSnapshot): string {
  return name === undefined ? id : `${name} (${id})`;
}

function quoted(wanted: string): string {
  return JSON.stringify(wanted);
}

interface HostSnapshots {
  readonly host: HostTools;
  readonly listed: readonly ListedSnapshot[];
}

/** This machine's, where no other host is chosen and it has some. */
export async function ownSnapshots(tools: Tools, choice: Choice): Promise<HostSnapshots | undefined> {
  if (choice.host !== undefined || tools.own === undefined) return undefined;
  const host = hostTools(tools, tools.own);
  const listed = await allSnapshots(host);
  return listed.length === 0 ? undefined : { host, listed };
}

async function onlyHostsSnapshots(tools: Tools, wanted: string, choice: Choice): Promise<HostSnapshots> {
  const hosts = await chosenHosts(tools, choice);
  if (hosts.length === 1) return { host: hosts[0]!, listed: await allSnapshots(hosts[0]!) };
  if (hosts.length === 0) {
    throw new NotFoundError(`Cannot find a snapshot: ${tools.store.location} has none`);
  }
  throw new UsageError(
    `Cannot choose ${quoted(wanted)}: ${tools.store.location} has several hosts (${
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

/** What a host is called, by the configuration, its keys or its newest snapshot; `undefined` where that is sealed. */
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
