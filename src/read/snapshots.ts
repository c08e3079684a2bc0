import { equalBytes, release } from "../base/bytes.ts";
import { sha256Hex } from "../base/digest.ts";
import { CorruptionError, NotFoundError, OtherKeyError } from "../base/errors.ts";
import { readAhead } from "../base/read_ahead.ts";
import { decompressAll } from "../blob/zstd.ts";
import { type Manifest, type ManifestHead, SNAPSHOT_TEXT_MAX, VOID_MANIFEST } from "../model/manifest.ts";
import {
  isSnapshotId,
  manifestName,
  snapshotName,
  snapshotOfAccepted,
  snapshotOfManifest,
  snapshotOfPin,
  snapshotOfSnapshot,
  SNAPSHOTS_PREFIX,
} from "../model/names.ts";
import type { KnownRef } from "../model/page_refs.ts";
import { decodeSnapshot, type Snapshot } from "../model/snapshot.ts";
import type { HeaderOpener } from "../seal/age.ts";
import { openFile } from "../seal/file.ts";
import type { ObjectInfo, ObjectStore } from "../store/store.ts";
import { fetchListedManifest, fetchManifest } from "./fetch_manifest.ts";
import type { HostTools } from "./hosts.ts";
import type { ListedSnapshot } from "./listed_snapshot.ts";
import { type SnapshotInfo, toInfo } from "./snapshot_info.ts";
import { fetchSealed } from "./sealed_ahead.ts";
import { openHead, openManifest } from "./signed_manifest.ts";

const decoder = new TextDecoder();

/** Manifests that are read before they are asked for. */
const READ_AHEAD = 16;

/** A manifest as it was found in the store. */
export type FoundManifest =
  & ListedSnapshot
  & (
    | { readonly manifest: Manifest }
    /** It is damaged, or was removed just now (`NotFoundError`): which objects it needs is not known. */
    | { readonly error: Error }
  );

/** Opens the stored bytes of a manifest: all of it, or its head. */
type Open<Read> = (stored: Uint8Array, host: string, id: string) => Read;

/** The snapshots of a host whose ids begin with `prefix`, oldest first. What is no snapshot but a void, `isNone` finds out. */
export async function listedSnapshots(
  { store, signal }: Pick<HostTools, "store" | "signal">,
  prefix = "",
  isNone: typeof isVoid = isVoid,
): Promise<ListedSnapshot[]> {
  const manifests: ObjectInfo[] = [];
  const pins = new Set<string | undefined>();
  const accepted = new Set<string | undefined>();
  const sealed = new Map<string | undefined, number>();
  for await (const info of store.list(SNAPSHOTS_PREFIX + prefix, { signal })) {
    const id = snapshotOfManifest(info.name);
    if (id !== undefined && isSnapshotId(id) && !await isNone(store, info, signal)) manifests.push(info);
    pins.add(snapshotOfPin(info.name));
    accepted.add(snapshotOfAccepted(info.name));
    sealed.set(snapshotOfSnapshot(info.name), info.size);
  }
  return manifests.map((info) => {
    const id = snapshotOfManifest(info.name)!;
    return { id, info, sealedSize: sealed.get(id), pinned: pins.has(id), accepted: accepted.has(id) };
  });
}

/** All snapshots of a host, as {@link listedSnapshots}: listed once, where the command asks for that. */
export function allSnapshots(tools: HostTools): Promise<readonly ListedSnapshot[]> {
  const listed = tools.listings?.get(tools.host) ?? listedSnapshots(tools);
  tools.listings?.set(tools.host, listed);
  return listed;
}

/**
 * Whether what is in the place of a manifest says that there will be none. What is no longer as `size` tells, or cannot be read, does not:
 * where writes cannot be create-only, a manifest may have taken the place of a void since it was listed.
 */
export async function isVoid(
  store: ObjectStore,
  { name, size }: Pick<ObjectInfo, "name" | "size">,
  signal: AbortSignal,
): Promise<boolean> {
  if (size !== VOID_MANIFEST.length) return false;
  try {
    return equalBytes(await store.get(name, { signal, maxBytes: size }), VOID_MANIFEST);
  } catch (error) {
    if (error instanceof NotFoundError) return true;
    if (error instanceof CorruptionError) return false;
    throw error;
  }
}

/** Every manifest of a host, oldest first; one that cannot be read comes as an error. */
export async function* eachManifest(tools: HostTools): AsyncGenerator<FoundManifest> {
  const find = async (listed: ListedSnapshot): Promise<FoundManifest> => {
    try {
      return { ...listed, manifest: await readManifest(tools, listed.id, listed.info) };
    } catch (error) {
      if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
      return { ...listed, error };
    }
  };
  yield* readAhead(await listedSnapshots(tools), READ_AHEAD, find);
}

/** The manifests of a host; of one that is damaged (or was removed just now) there is a warning, unless `onUnreadable` takes it. */
export async function* readableManifests(
  tools: HostTools,
  onUnreadable: (id: string, error: Error) => void = (_, error) =>
    tools.report({ kind: "warning", text: error.message }),
): AsyncGenerator<Manifest> {
  for await (const found of eachManifest(tools)) {
    if ("error" in found) onUnreadable(found.id, found.error);
    else yield found.manifest;
  }
}

/**
 * The manifest of a snapshot, its signature checked; what is kept of it from before is used where `info`, as a listing shows it, is
 * still the same. Throws `NotFoundError`, `CorruptionError`.
 */
export function readManifest(tools: HostTools, id: string, info?: ObjectInfo): Promise<Manifest> {
  return readAs(openManifest, tools, id, info);
}

async function readAs<Read>(
  open: Open<Read>,
  tools: HostTools,
  id: string,
  info?: ObjectInfo,
): Promise<Read> {
  const key = info && `${tools.host}-${id}-${info.size}-${info.modified.getTime()}`;
  const cached = key && tools.cache?.get("manifests", key);
  if (cached) {
    try {
      return open(cached, tools.host, id);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
    }
  }
  tools.sealedAhead?.begin(tools, id);
  const stored = await (info === undefined ? fetchManifest(tools, id) : fetchListedManifest(tools, id));
  const manifest = decodeAs(open, tools, id, stored);
  if (key) tools.cache?.put("manifests", key, stored);
  release(stored);
  return manifest;
}

/**
 * As {@link readManifest}, for whoever does not judge the store: of a snapshot that this machine has made, what it has kept of it serves.
 * A repair that makes another manifest makes it longer, and forgets the copy.
 */
export function knownManifest(tools: HostTools, id: string, info: ObjectInfo): Promise<Manifest> {
  return knownAs(openManifest, tools, id, info);
}

/** As {@link knownManifest}, without a look at the names of blobs. */
export function knownHead(tools: HostTools, id: string, info: ObjectInfo): Promise<ManifestHead> {
  return knownAs(openHead, tools, id, info);
}

async function knownAs<Read>(
  open: Open<Read>,
  tools: HostTools,
  id: string,
  info: ObjectInfo,
): Promise<Read> {
  const copy = tools.own === tools.host ? tools.ownCopy?.(id) : undefined;
  if (copy?.manifest.length === info.size) {
    try {
      return open(copy.manifest, tools.host, id);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
    }
  }
  return await readAs(open, tools, id, info);
}

/** The manifest of snapshot `id` that the bytes of its object hold. Throws `CorruptionError`. */
export function decodeStored(tools: HostTools, id: string, stored: Uint8Array): Manifest {
  return decodeAs(openManifest, tools, id, stored);
}

function decodeAs<Read>(open: Open<Read>, { host, store }: HostTools, id: string, stored: Uint8Array): Read {
  try {
    return open(stored, host, id);
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    const name = `${store.location}/${manifestName(id)}`;
    throw new CorruptionError(`Cannot read manifest "${name}": ${error.message}`, { cause: error });
  }
}

/**
 * The snapshot that `manifest` names: what is sealed in it must be of the same host, id and times. A `copy` of its object saves the request,
 * where it is one; pages that are `known` are not made again. Throws `UsageError` for a wrong identity, `CorruptionError`.
 */
export async function readSnapshot(
  tools: HostTools,
  manifest: ManifestHead,
  opener: HeaderOpener,
  { copy, known }: { readonly copy?: Uint8Array; readonly known?: KnownRef } = {},
): Promise<Snapshot> {
  const name = snapshotName(manifest.id);
  const isSame = copy !== undefined && sha256Hex(copy) === manifest.snapshot.sha256;
  const sealed = isSame ? copy : await getNamed(tools, manifest.id);
  if (!isSame && sha256Hex(sealed) !== manifest.snapshot.sha256) {
    throw new CorruptionError(`Cannot read snapshot "${name}": it is not what its manifest names`);
  }
  const snapshot = await openSealed(manifest.id, sealed, opener, known);
  if (!isSame) release(sealed);
  for (const member of ["host", "id", "startedAt", "finishedAt"] as const) {
    if (snapshot[member] === manifest[member]) continue;
    throw new CorruptionError(`Cannot read snapshot "${name}": its ${member} is not that of its manifest`);
  }
  return snapshot;
}

async function openSealed(
  id: string,
  sealed: Uint8Array,
  opener: HeaderOpener,
  known: KnownRef | undefined,
): Promise<Snapshot> {
  try {
    const plain = await openFile(sealed, opener);
    const bytes = decompressAll(plain, SNAPSHOT_TEXT_MAX);
    const text = decoder.decode(bytes);
    release(plain);
    release(bytes);
    return decodeSnapshot(text, known);
  } catch (error) {
    if (error instanceof OtherKeyError) throw OtherKeyError.of(id, error);
    if (!(error instanceof CorruptionError)) throw error;
    throw new CorruptionError(`Cannot read snapshot "${snapshotName(id)}": ${error.message}`, {
      cause: error,
    });
  }
}

/** An object that a manifest names: that it is missing is damage. */
async function getNamed({ store, signal, sealedAhead }: HostTools, id: string): Promise<Uint8Array> {
  try {
    return await (sealedAhead?.take(id) ?? fetchSealed({ store, signal }, id));
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new CorruptionError(`Cannot read snapshot "${snapshotName(id)}": it is missing`, { cause: error });
  }
}

/** The snapshots of a host in the order of their ids; one that cannot be read comes as an error. */
export async function* eachSnapshot(
  tools: HostTools,
): AsyncGenerator<SnapshotInfo | { readonly id: string; readonly error: Error }> {
  for await (const found of eachManifest(tools)) {
    yield "error" in found ? { id: found.id, error: found.error } : toInfo(tools, found, found.manifest);
  }
}

/** The snapshots of a host, newest last; of those that cannot be read there is a warning. */
export async function listSnapshots(tools: HostTools): Promise<SnapshotInfo[]> {
  const infos: SnapshotInfo[] = [];
  for await (const found of eachSnapshot(tools)) {
    if ("error" in found) tools.report({ kind: "warning", text: found.error.message });
    else infos.push(found);
  }
  return infos.sort(byFinish);
}

/** The one that was finished first comes first. */
export function byFinish(a: SnapshotInfo, b: SnapshotInfo): number {
  const key = (info: SnapshotInfo) => `${info.finishedAt} ${info.id}`;
  return key(a) < key(b) ? -1 : 1;
}

/** The snapshots of a host by a listing alone, for credentials that may read none of it. */
export function withoutManifests(tools: HostTools): Promise<ListedSnapshot[]> {
  return listedSnapshots(tools, "", (_, { size }) => Promise.resolve(size === VOID_MANIFEST.length));
}

/** What credentials must be given that may list manifests and not read them. */
export function rightNeeded({ store }: HostTools): string {
  return `the details need the right to read ${store.location}/snapshots/ and lists/ (s3:GetObject)`;
}
